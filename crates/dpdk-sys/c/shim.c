/* C functions for what DPDK's headers inline. */
#include "shim.h"

#include <string.h>

#include <rte_cycles.h>
#include <rte_thash.h>

#define FIELD_IS(field, type) \
	_Static_assert(sizeof(((struct rte_mbuf *)0)->field) == sizeof(type), "rte_mbuf." #field " is no " #type)

FIELD_IS(buf_addr, void *);
FIELD_IS(data_off, uint16_t);
FIELD_IS(nb_segs, uint16_t);
FIELD_IS(ol_flags, uint64_t);
FIELD_IS(pkt_len, uint32_t);
FIELD_IS(data_len, uint16_t);
FIELD_IS(vlan_tci, uint16_t);
FIELD_IS(vlan_tci_outer, uint16_t);
FIELD_IS(buf_len, uint16_t);

int dpdk_shim_errno(void)
{
	return rte_errno;
}

struct rte_mbuf *dpdk_shim_mbuf_alloc(struct rte_mempool *pool)
{
	return rte_pktmbuf_alloc(pool);
}

void dpdk_shim_mbuf_free(struct rte_mbuf *mbuf)
{
	rte_pktmbuf_free(mbuf);
}

uint64_t dpdk_shim_rdtsc(void)
{
	return rte_rdtsc();
}

unsigned int dpdk_shim_lcore_id(void)
{
	return rte_lcore_id();
}

int dpdk_shim_link(uint16_t port, bool *up, uint32_t *mbps)
{
	struct rte_eth_link link;
	int result;

	memset(&link, 0, sizeof(link));
	result = rte_eth_link_get_nowait(port, &link);
	*up = link.link_status == RTE_ETH_LINK_UP;
	*mbps = link.link_speed;
	return result;
}

uint32_t dpdk_shim_softrss(uint32_t *words, uint32_t count, const uint8_t *key)
{
	return rte_softrss(words, count, key);
}
