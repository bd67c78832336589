# Part of scripts/bench: what opening TLS costs, beside a proxy that reads nothing of what it opens.
#
# The gateway's own CPU time comes from memory to memory (benches/terminate of crates/dataplane): in a namespace its worker
# polls all the time, and the time of a thread that polls says nothing. nginx has its time from the kernel, TCP and the
# wire included, in a namespace between client and server.

proxy=10.79.0.1         # the proxies' side of the client's cable
origin=10.80.0.2        # the server, behind them
name=api.openai.com
quiet_rate=200          # requests a second on kept connections, while others open new ones
quiet_connections=20
burst=1000              # new connections of a burst
many=10000              # connections that stay open
many_rate=300

sign() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 "$@" 2> "$dir/openssl.log" || fail "$(< "$dir/openssl.log")"; }

# Authorities, and a certificate of each for the name.
make_certificates() {
  [ -f "$dir/roots.pem" ] && return
  sign -x509 -subj "/CN=Bench roots" -keyout "$dir/roots.key" -out "$dir/roots.pem" -addext keyUsage=critical,keyCertSign
  sign -subj "/CN=$name" -keyout "$dir/server.key" -out "$dir/server.csr"
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$name" > "$dir/server.ext"
  openssl x509 -req -in "$dir/server.csr" -CA "$dir/roots.pem" -CAkey "$dir/roots.key" -CAcreateserial -days 7 \
    -extfile "$dir/server.ext" -out "$dir/server.pem" 2> "$dir/openssl.log" || fail "$(< "$dir/openssl.log")"
}

# An nginx of one worker: what stands in http{}, and where it runs.
start_nginx() { # name, host, core, http
  cat > "$dir/$1.conf" <<NGINX
daemon off; master_process off; pid $dir/$1.pid; error_log $dir/$1-error.log; worker_rlimit_nofile $(ulimit -Hn);
events { worker_connections 32768; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 1000s;
  client_body_temp_path $dir/$1.1; proxy_temp_path $dir/$1.2; fastcgi_temp_path $dir/$1.3; uwsgi_temp_path $dir/$1.4; scgi_temp_path $dir/$1.5;
  client_body_buffer_size 64k; proxy_max_temp_file_size 0;
  ssl_session_tickets off; ssl_session_cache off; ssl_ecdh_curve X25519;
  ssl_certificate $dir/server.pem; ssl_certificate_key $dir/server.key;
  $4
}
NGINX
  start "$dir/$1.log" taskset -c "$3" ip netns exec "$prefix-$2" nginx -e "$dir/$1-error.log" -c "$dir/$1.conf"
  for _ in $(seq $((patience * 10))); do
    [ -S "$dir/$1.sock" ] && return
    sleep 0.1
  done
  cat "$dir/$1"*.log >&2
  fail "nginx ($1) did not start"
}
answering="location / { return 200 '{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Noted.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2,\"total_tokens\":14}}\n'; default_type application/json; }"
# The outer server reads a request whole before it asks the inner one.
origin_of() { # name, address
  cat <<NGINX
  upstream model { server unix:$dir/$1.sock; keepalive 64; keepalive_requests 100000000; }
  server { listen $2:443 ssl backlog=4096; root $dir/files;
    location /v1/ { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; } }
  server { listen unix:$dir/$1.sock; $answering }
NGINX
}

# CPU time of a process and all its threads, in nanoseconds.
process_time() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%d", sum }'; }

client_of() { run taskset -c $main_core ip netns exec "$prefix-cl" "$@"; }

# Microseconds of a proxy's CPU for each of so many.
per() { # process, count, command ...
  local before after
  before=$(process_time "$1")
  "${@:3}" > "$dir/client.log" || { cat "$dir/client.log" >&2; fail "the load was not carried"; }
  after=$(process_time "$1")
  [ "$after" -gt "$before" ] || fail "the kernel counted no CPU time of what was measured"
  awk -v spent=$((after - before)) -v count="$2" 'BEGIN { printf "%.1f\n", spent / 1000 / count }'
}

terminate_costs() {
  step "terminate: CPU time beside nginx as a reverse proxy that opens TLS on both sides"
  make_certificates
  for host in cl gw sr; do
    namespaces+=("$prefix-$host")
    ip netns add "$prefix-$host"
    ip -n "$prefix-$host" link set lo up
  done
  ip link add e0 netns "$prefix-cl" type veth peer name c0 netns "$prefix-gw"
  ip link add e0 netns "$prefix-sr" type veth peer name s0 netns "$prefix-gw"
  ip -n "$prefix-cl" addr add 10.79.0.2/24 dev e0
  ip -n "$prefix-gw" addr add $proxy/24 dev c0
  ip -n "$prefix-gw" addr add 10.80.0.1/24 dev s0
  ip -n "$prefix-sr" addr add $origin/24 dev e0
  for end in "cl e0" "gw c0" "gw s0" "sr e0"; do
    # shellcheck disable=SC2086
    set -- $end
    ip netns exec "$prefix-$1" ethtool -K "$2" tx off rx off tso off gso off gro off > /dev/null
    ip -n "$prefix-$1" link set "$2" up
  done
  mkdir -p "$dir/files"
  head -c 67108864 /dev/zero > "$dir/files/bulk"
  start_nginx origin sr $main_core "$(origin_of origin $origin)"
  local tls="proxy_ssl_verify on; proxy_ssl_trusted_certificate $dir/roots.pem; proxy_ssl_name $name; proxy_ssl_server_name on; proxy_ssl_session_reuse off; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $name;"
  start_nginx proxy gw $worker_core "$tls
    upstream kept { server $origin:443; keepalive 64; keepalive_requests 100000000; }
    server { listen $proxy:443 ssl backlog=4096; location / { proxy_pass https://kept; } }
    server { listen $proxy:444 ssl backlog=4096; location / { proxy_pass https://$origin:443; } }
    server { listen unix:$dir/proxy.sock; return 200; }"
  local pid=${processes[-1]} index
  for kind in new kept bulk; do : > "$dir/nginx-$kind"; done
  for ((index = 1; index <= runs; index++)); do
    per "$pid" 500 client_of python3 benches/tls_load.py new $proxy 444 "$dir/roots.pem" 500 16 >> "$dir/nginx-new"
    per "$pid" $((seconds * 300)) client_of python3 benches/tls_load.py keep $proxy 443 "$dir/roots.pem" 20 300 0 "$seconds" >> "$dir/nginx-kept"
    per "$pid" 64 client_of curl -qsS --noproxy '*' --cacert "$dir/roots.pem" --resolve "$name:443:$proxy" -o /dev/null "https://$name/bulk" >> "$dir/nginx-bulk"
    note "run $index of $runs: nginx $(tail -1 "$dir/nginx-new") us a connection, $(tail -1 "$dir/nginx-kept") a request, $(tail -1 "$dir/nginx-bulk") a MiB"
  done
  others
  step "terminate: the limit, by openssl speed (one thread)"
  taskset -c $worker_core openssl speed -seconds 1 -mr ecdhx25519 ecdsap256 2> /dev/null > "$dir/speed"
  taskset -c $worker_core openssl speed -seconds 1 -mr -bytes 16384 -evp aes-128-gcm 2> /dev/null >> "$dir/speed"
  step "terminate: cargo bench -p dataplane --bench terminate"
  run "${as_caller[@]}" cargo bench --quiet --target-dir "$target" -p dataplane --bench terminate -- "$runs" > "$dir/terminate.log" ||
    fail "the benchmark failed"
  {
    cat "$dir/terminate.log"
    echo
    echo "nginx $(nginx -v 2>&1 | grep -o '[0-9.]*$') as a proxy with TLS on both sides, the kernel's TCP counted, nothing read (median of $runs):"
    printf '  a connection, opened, one request, closed (X25519)  %7.1f us\n' "$(median "$dir/nginx-new")"
    printf '  a chat request on a kept connection                 %7.1f us\n' "$(median "$dir/nginx-kept")"
    printf '  bytes from the server to the client                 %7.1f Gbit/s\n' "$(awk -v us="$(median "$dir/nginx-bulk")" 'BEGIN { print 8 * 1.048576 * 1000 / us }')"
    cat "$dir/others"
    echo
    awk -F: '
      /^\+F5:/ || /^\+F4:/ { }
      $0 ~ /^\+F5/ { exchange = $4 }
      $0 ~ /^\+F4/ { sign = $4; verify = $5 }
      $0 ~ /^\+F:/ { seal = $4 }
      END {
        if (exchange && sign && verify)
          printf "openssl: a connection needs four X25519 operations, a signature and a verification: %.1f us, %.0f a second at most\n", \
            1e6 * (4 / exchange + 1 / sign + 1 / verify), 1 / (4 / exchange + 1 / sign + 1 / verify)
        if (seal) printf "openssl: AES-128-GCM opened and sealed once each, records of 16 KiB: %.1f Gbit/s at most\n", seal * 8 / 2 / 1e9
      }' "$dir/speed"
  } > "$dir/terminate.txt"
}

# Other programs that open TLS with certificates of their own, where they are installed: once, they are slow.
others() {
  : > "$dir/others"
  mkdir -p "/etc/netns/$prefix-gw"
  echo "$origin $name" > "/etc/netns/$prefix-gw/hosts"
  sign -x509 -subj "/CN=Bench proxies" -keyout "$dir/proxies.key" -out "$dir/proxies.pem" \
    -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign
  cat "$dir/proxies.key" "$dir/proxies.pem" > "$dir/mitmproxy-ca.pem"
  if command -v mitmdump > /dev/null; then
    start "$dir/mitmproxy.log" taskset -c $worker_core ip netns exec "$prefix-gw" mitmdump -q --set confdir="$dir" \
      --mode "reverse:https://$name:443" --listen-host $proxy --listen-port 445 --set keep_host_header=true \
      --set ssl_verify_upstream_trusted_ca="$dir/roots.pem"
    measure_other "mitmproxy $(mitmdump --version | sed -n 's/^Mitmproxy: //p')" "$proxy" 445
  fi
  if command -v squid > /dev/null && [ -x /usr/lib/squid/security_file_certgen ]; then
    chmod 755 "$dir"
    mkdir -p "$dir/squid"
    /usr/lib/squid/security_file_certgen -c -s "$dir/squid/db" -M 4MB > /dev/null
    chown -R proxy:proxy "$dir/squid"
    chmod 644 "$dir/proxies.key"
    cat > "$dir/squid.conf" <<SQUID
http_port $proxy:446 ssl-bump cert=$dir/proxies.pem key=$dir/proxies.key generate-host-certificates=on dynamic_cert_mem_cache_size=4MB
sslcrtd_program /usr/lib/squid/security_file_certgen -s $dir/squid/db -M 4MB
sslcrtd_children 1
tls_outgoing_options cafile=$dir/roots.pem
acl step1 at_step SslBump1
ssl_bump peek step1
ssl_bump bump all
http_access allow all
cache deny all
access_log none
cache_log $dir/squid/log
pid_filename none
hosts_file /etc/hosts
SQUID
    start "$dir/squid.log" taskset -c $worker_core ip netns exec "$prefix-gw" squid -N -f "$dir/squid.conf"
    PROXY=$proxy:446 measure_other "squid $(squid -v | sed -n 's/^Squid Cache: Version //p') ssl-bump" "$proxy" 446
  fi
  rm -rf "/etc/netns/$prefix-gw"
}
measure_other() { # name, address, port
  local pid=${processes[-1]} one many_of
  if ! client_of curl -qsS --noproxy '*' --retry 30 --retry-connrefused --retry-delay 1 -k -o /dev/null "https://$2:$3/" &&
    ! client_of curl -qsS --noproxy '*' --retry 30 --retry-connrefused --retry-delay 1 -o /dev/null "http://$2:$3/"
  then
    note "$1 did not start: left out"
    end_last
    return
  fi
  one=$(per "$pid" 100 client_of python3 benches/tls_load.py new "$2" "$3" "$dir/proxies.pem" 100 4)
  many_of=$(per "$pid" 200 client_of python3 benches/tls_load.py keep "$2" "$3" "$dir/proxies.pem" 4 50 0 4)
  end_last
  printf '%s, all its threads (once): %.0f us a connection, %.0f us a request on a kept connection\n' "$1" "$one" "$many_of" >> "$dir/others"
  note "$(tail -1 "$dir/others")"
}

# The gateway between client and server, opening TLS; the authority whose certificates clients then get.
tls_section() {
  [ -d "$dir/ca" ] || "$sovereign" ca init --dir "$dir/ca" > /dev/null || fail "no authority could be made"
  printf '[tls]\nca_cert = "%s"\nca_key = "file:%s"\nextra_roots = ["%s"]\n' "$dir/ca/ca.pem" "$dir/ca/ca.key" "$dir/roots.pem"
}
terminate_policy() {
  {
    printf 'version = "bench-1"\n[[flow]]\nname = "tls"\nmatch = { protocol = "tcp", ports = [443], sni = ["@ai"] }\nmode = "terminate"\n'
    sed -n '/^\[\[rule\]\]/,$p' etc/policy.toml
  } > "$dir/terminate.toml"
}

# p50 and p99 of requests on kept connections.
quiet() { # authority
  run "${larger_share[@]}" "${on_main[@]}" ip netns exec "$prefix-cl" \
    python3 benches/tls_load.py keep $server 443 "$1" $quiet_connections $quiet_rate 1 "$seconds" > "$dir/quiet.log" ||
    fail "the load was not carried"
  tail -1 "$dir/quiet.log" | cut -d' ' -f1,2
}
# The same while others open connections to another server.
disturbed() { # authority
  start "$dir/burst.log" sh -c 'sleep 1; exec "$@"' sh taskset -c $main_core ip netns exec "$prefix-cl" \
    python3 benches/tls_load.py new 10.78.0.3 443 "$1" $burst 64
  quiet "$1"
  wait "${processes[-1]}" || { cat "$dir/burst.log" >&2; fail "the burst was not carried"; }
  unset 'processes[-1]'
}

# Client, gateway and two servers, the second one for those that disturb.
make_tls_hosts() {
  make_certificates
  make_hosts
  ip -n "$prefix-sr" addr add 10.78.0.3/24 dev e0
  start_nginx first sr $main_core "$(origin_of first $server)"
  chrt --fifo -p 1 "${processes[-1]}" > /dev/null
  start_nginx second sr $main_core "$(origin_of second 10.78.0.3)"
  terminate_policy
  tls_lines=$(tls_section)
  in_ns=(ip netns exec "$prefix-gw")
}

terminate_burst() {
  step "terminate: kept connections while $burst others are opened, AF_XDP"
  make_tls_hosts
  for side in a b; do : > "$dir/$side"; done
  local index calm rough
  for ((index = 1; index <= runs; index++)); do
    start_testpmd net_af_xdp0,iface=c0 net_af_xdp1,iface=s0
    ready_at "$dir/roots.pem"
    calm=$(quiet "$dir/roots.pem") rough=$(disturbed "$dir/roots.pem")
    stop_testpmd
    echo "$calm $rough" >> "$dir/a"
    start_sovereign net_af_xdp0,iface=c0 net_af_xdp1,iface=s0 "$dir/terminate.toml"
    ready_at "$dir/ca/ca.pem"
    calm=$(quiet "$dir/ca/ca.pem") rough=$(disturbed "$dir/ca/ca.pem")
    end_last
    echo "$calm $rough" >> "$dir/b"
    note "run $index of $runs: testpmd $(tail -1 "$dir/a"), sovereign $(tail -1 "$dir/b") us (p50, p99; the same in the burst)"
  done
  in_ns=()
  for side in a b; do awk '{ print $4 - $2 }' "$dir/$side" > "$dir/$side.rise"; done
  row_of_rise "p99 in a burst of TLS, rise, us" "$dir/a.rise" "$dir/b.rise" 2000
}

# A handshake comes through.
ready_at() { # authority
  for _ in $(seq $((patience * 5))); do
    ns cl curl -qs --noproxy '*' --max-time 1 --cacert "$1" --resolve "$name:443:$server" -o "$dir/first" "https://$name/v1/models" && return
    sleep 0.1
  done
  cat "$dir"/sovereign.log >&2
  fail "no answer comes through"
}

terminate_flows() {
  step "terminate: $many connections for $seconds s, $many_rate requests a second on them in turn, AF_XDP"
  ulimit -n "$(ulimit -Hn)"
  make_tls_hosts
  start_sovereign net_af_xdp0,iface=c0 net_af_xdp1,iface=s0 "$dir/terminate.toml"
  local pid=$subject before after
  ready_at "$dir/ca/ca.pem"
  before=$(resident "$pid")
  start "$dir/many.log" taskset -c $main_core ip netns exec "$prefix-cl" \
    python3 benches/tls_load.py keep $server 443 "$dir/ca/ca.pem" $many $many_rate 0 "$seconds"
  patience=300 says "$dir/many.log" '^open$' || { cat "$dir/many.log" >&2; fail "the connections were not opened"; }
  note "$many are open"
  pause $((seconds / 2))
  after=$(resident "$pid")
  "$sovereign" status --json --admin "$dir/admin.sock" > "$dir/status.json"
  wait "${processes[-1]}" || { cat "$dir/many.log" >&2; fail "not every request was answered"; }
  unset 'processes[-1]'
  end_last
  in_ns=()
  local open
  open=$(grep -o '"terminate":[0-9]*' "$dir/status.json" | head -1 | grep -o '[0-9]*$')
  [ "$open" -ge "$many" ] || fail "only $open connections were open"
  read -r p50 p99 answered _ <<< "$(tail -1 "$dir/many.log")"
  printf '%d intercepted connections for %d s: %d of %d requests answered, p50 %d us, p99 %d us; %.1f KiB of memory a connection\n' \
    "$open" "$seconds" "$answered" $((many_rate * seconds)) "$p50" "$p99" \
    "$(awk -v kib=$((after - before)) -v count="$many" 'BEGIN { print kib / count }')" > "$dir/flows.txt"
}

# KiB that a process has in memory.
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
