@echo off
rem What In-store local server (Altazion) needs of firewalls
rem Profile local-server, revision 2026-11-22, after
rem https://github.com/altazion/altazion-aide/blob/master/fr-fr/administration/storeserver/reseau.md,
rem as seen on 2026-11-21
rem Names are what the vendor stands by; the addresses behind them change. Everything else may stay
rem closed.
rem For the machine's own firewall, as administrator. Look at each command before you run it.

rem 1. required: out; from: Local server (192.0.2.10); to: api.server.commerce-hub.io; TCP 443
rem (HTTPS; directly or through the proxy (proxy.example.com:3128))
rem Synchronisation service (Synchronisation with the hosted platform)
rem Exempt from TLS inspection.
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 2. required: out; from: Local server (192.0.2.10); to: *.servicebus.windows.net; TCP 443 (HTTPS;
rem directly or through the proxy (proxy.example.com:3128))
rem Order service (Azure Service Bus), Diagnostic service (Azure Service Bus) (Orders sent straight
rem to the shop, Fault reports to the vendor)
rem Exempt from TLS inspection.
rem * stands for any name below it.
rem Up to date at https://learn.microsoft.com/en-us/azure/azure-relay/relay-port-settings
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 3. required: out; from: Local server (192.0.2.10); to: the DNS servers that it is set up with;
rem TCP/UDP 53 (DNS)
rem Finding the addresses of api.server.commerce-hub.io, e-serversync-ns.servicebus.windows.net,
rem api.logmatic.io, koostodesapp-ns.servicebus.windows.net
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 4. recommended: out; from: Local server (192.0.2.10); to: api.logmatic.io; TCP 443 (HTTPS;
rem directly or through the proxy (proxy.example.com:3128))
rem Log service (Fault reports to the vendor)
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 5. optional: out; from: Local server (192.0.2.10); to: proxy.example.com; TCP 3128 (proxy)
rem Way to the proxy, where it is used
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 6. required: in, within the shop; from: Till or other device in the shop (192.0.2.21,
rem 192.0.2.31); to: Local server (192.0.2.10); TCP 80, 8000-8005
rem Services of the local server (Services for tills and devices)
rem Also in the own firewall of the machine that is contacted.
netsh advfirewall firewall add rule name="netcheck local_server 6 tcp" dir=in action=allow protocol=TCP localport=80,8000-8005 remoteip=192.0.2.21,192.0.2.31

rem 7. required: in, within the shop; from: Local server (192.0.2.10); to: Till or other device in
rem the shop (192.0.2.21, 192.0.2.31); TCP 8081
rem Orders to a device (Orders to the devices)
rem Also in the own firewall of the machine that is contacted.
netsh advfirewall firewall add rule name="netcheck local_server 7 tcp" dir=out action=allow protocol=TCP remoteport=8081 remoteip=192.0.2.21,192.0.2.31

rem 8. optional: in, within the shop; from: Till or other device in the shop (192.0.2.21,
rem 192.0.2.31); to: Local server (192.0.2.10); UDP 57854
rem Discovery towards the server (Automatic discovery)
rem Also in the own firewall of the machine that is contacted.
netsh advfirewall firewall add rule name="netcheck local_server 8 udp" dir=in action=allow protocol=UDP localport=57854 remoteip=192.0.2.21,192.0.2.31

rem 9. optional: in, within the shop; from: Local server (192.0.2.10); to: Till or other device in
rem the shop (192.0.2.21, 192.0.2.31); UDP 57854
rem Discovery towards a device (Automatic discovery)
rem Also in the own firewall of the machine that is contacted.
netsh advfirewall firewall add rule name="netcheck local_server 9 udp" dir=out action=allow protocol=UDP remoteport=57854 remoteip=192.0.2.21,192.0.2.31
