/* What the binding is generated from: DPDK's headers, and C functions for what they inline. */
#ifndef DPDK_SHIM_H
#define DPDK_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>
#include <rte_version.h>

/* Where the fields of an mbuf are. The struct nests them differently from release to release. */
static const size_t DPDK_SHIM_MBUF_BUF_ADDR = offsetof(struct rte_mbuf, buf_addr);
static const size_t DPDK_SHIM_MBUF_DATA_OFF = offsetof(struct rte_mbuf, data_off);
static const size_t DPDK_SHIM_MBUF_NB_SEGS = offsetof(struct rte_mbuf, nb_segs);
static const size_t DPDK_SHIM_MBUF_OL_FLAGS = offsetof(struct rte_mbuf, ol_flags);
static const size_t DPDK_SHIM_MBUF_PKT_LEN = offsetof(struct rte_mbuf, pkt_len);
static const size_t DPDK_SHIM_MBUF_DATA_LEN = offsetof(struct rte_mbuf, data_len);
static const size_t DPDK_SHIM_MBUF_VLAN_TCI = offsetof(struct rte_mbuf, vlan_tci);
static const size_t DPDK_SHIM_MBUF_VLAN_TCI_OUTER = offsetof(struct rte_mbuf, vlan_tci_outer);
static const size_t DPDK_SHIM_MBUF_BUF_LEN = offsetof(struct rte_mbuf, buf_len);

static const uint64_t DPDK_SHIM_RX_VLAN = RTE_MBUF_F_RX_VLAN;
static const uint64_t DPDK_SHIM_RX_VLAN_STRIPPED = RTE_MBUF_F_RX_VLAN_STRIPPED;
static const uint64_t DPDK_SHIM_RX_QINQ = RTE_MBUF_F_RX_QINQ;
static const uint64_t DPDK_SHIM_RX_QINQ_STRIPPED = RTE_MBUF_F_RX_QINQ_STRIPPED;

static const uint16_t DPDK_SHIM_HEADROOM = RTE_PKTMBUF_HEADROOM;
static const uint32_t DPDK_SHIM_MEMPOOL_NO_IOVA_CONTIG = RTE_MEMPOOL_F_NO_IOVA_CONTIG;
static const uint64_t DPDK_SHIM_RSS_IPV4 = RTE_ETH_RSS_IPV4;
static const uint64_t DPDK_SHIM_RSS_IPV6 = RTE_ETH_RSS_IPV6;
static const uint16_t DPDK_SHIM_RETA_GROUP_SIZE = RTE_ETH_RETA_GROUP_SIZE;

/* rte_errno of this thread. */
int dpdk_shim_errno(void);

/* A fresh mbuf with headroom and no data, or NULL. */
struct rte_mbuf *dpdk_shim_mbuf_alloc(struct rte_mempool *pool);

/* Gives all segments of an mbuf back to their pools. */
void dpdk_shim_mbuf_free(struct rte_mbuf *mbuf);

/* The processor's cycle counter. */
uint64_t dpdk_shim_rdtsc(void);

/* The lcore of this thread, or LCORE_ID_ANY. */
unsigned int dpdk_shim_lcore_id(void);

/* The state of a port's link now; 0 or a negative errno. */
int dpdk_shim_link(uint16_t port, bool *up, uint32_t *mbps);

/* DPDK's software Toeplitz hash over 32-bit words in host order, with a key in network order. */
uint32_t dpdk_shim_softrss(uint32_t *words, uint32_t count, const uint8_t *key);

#endif
