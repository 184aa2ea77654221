# What In-store local server (Altazion) needs of firewalls
# Profile local-server, revision 2026-11-22, after
# https://github.com/altazion/altazion-aide/blob/master/fr-fr/administration/storeserver/reseau.md,
# as seen on 2026-11-21
# Names are what the vendor stands by; the addresses behind them change. Everything else may stay
# closed.
# For the machine's own firewall, as administrator. Look at each command before you run it.

# 1. required: out; from: Local server (192.0.2.10); to: api.server.commerce-hub.io; TCP 443 (HTTPS;
# directly or through the proxy (proxy.example.com:3128))
# Synchronisation service (Synchronisation with the hosted platform)
# Exempt from TLS inspection.
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 2. required: out; from: Local server (192.0.2.10); to: *.servicebus.windows.net; TCP 443 (HTTPS;
# directly or through the proxy (proxy.example.com:3128))
# Order service (Azure Service Bus), Diagnostic service (Azure Service Bus) (Orders sent straight to
# the shop, Fault reports to the vendor)
# Exempt from TLS inspection.
# * stands for any name below it.
# Up to date at https://learn.microsoft.com/en-us/azure/azure-relay/relay-port-settings
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 3. required: out; from: Local server (192.0.2.10); to: the DNS servers that it is set up with;
# TCP/UDP 53 (DNS)
# Finding the addresses of api.server.commerce-hub.io, e-serversync-ns.servicebus.windows.net,
# api.logmatic.io, koostodesapp-ns.servicebus.windows.net
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 4. recommended: out; from: Local server (192.0.2.10); to: api.logmatic.io; TCP 443 (HTTPS;
# directly or through the proxy (proxy.example.com:3128))
# Log service (Fault reports to the vendor)
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 5. optional: out; from: Local server (192.0.2.10); to: proxy.example.com; TCP 3128 (proxy)
# Way to the proxy, where it is used
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 6. required: in, within the shop; from: Till or other device in the shop (192.0.2.21, 192.0.2.31);
# to: Local server (192.0.2.10); TCP 80, 8000-8005
# Services of the local server (Services for tills and devices)
# Also in the own firewall of the machine that is contacted.
New-NetFirewallRule -DisplayName 'netcheck local_server 6 tcp' -Direction Inbound -Action Allow -Protocol TCP -LocalPort @('80','8000-8005') -RemoteAddress @('192.0.2.21','192.0.2.31')

# 7. required: in, within the shop; from: Local server (192.0.2.10); to: Till or other device in the
# shop (192.0.2.21, 192.0.2.31); TCP 8081
# Orders to a device (Orders to the devices)
# Also in the own firewall of the machine that is contacted.
New-NetFirewallRule -DisplayName 'netcheck local_server 7 tcp' -Direction Outbound -Action Allow -Protocol TCP -RemotePort @('8081') -RemoteAddress @('192.0.2.21','192.0.2.31')

# 8. optional: in, within the shop; from: Till or other device in the shop (192.0.2.21, 192.0.2.31);
# to: Local server (192.0.2.10); UDP 57854
# Discovery towards the server (Automatic discovery)
# Also in the own firewall of the machine that is contacted.
New-NetFirewallRule -DisplayName 'netcheck local_server 8 udp' -Direction Inbound -Action Allow -Protocol UDP -LocalPort @('57854') -RemoteAddress @('192.0.2.21','192.0.2.31')

# 9. optional: in, within the shop; from: Local server (192.0.2.10); to: Till or other device in the
# shop (192.0.2.21, 192.0.2.31); UDP 57854
# Discovery towards a device (Automatic discovery)
# Also in the own firewall of the machine that is contacted.
New-NetFirewallRule -DisplayName 'netcheck local_server 9 udp' -Direction Outbound -Action Allow -Protocol UDP -RemotePort @('57854') -RemoteAddress @('192.0.2.21','192.0.2.31')
