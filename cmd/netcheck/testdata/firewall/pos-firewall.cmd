@echo off
rem What Deliverect to Simphony through the firewall (Deliverect) needs of firewalls
rem Profile pos-firewall, revision 2026-11-22, after
rem https://help.deliverect.com/it/articles/7979264-simphony-come-collegare-la-cassa-a-deliverect,
rem as seen on 2026-11-21
rem Names are what the vendor stands by; the addresses behind them change. Everything else may stay
rem closed.
rem For the machine's own firewall, as administrator. Look at each command before you run it.

rem 1. recommended: out; from: Till with the Simphony web service (192.0.2.50); to: the DNS servers
rem that it is set up with; TCP/UDP 53 (DNS)
rem Finding the addresses of till.example.com
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 2. required: in, from the internet; from: 198.51.100.7, 203.0.113.0/28; to: till.example.com;
rem TCP 8080 (HTTP)
rem Calls from the Internet reach the till, Till from the Internet, Web service from the Internet
rem (Orders from Deliverect to the till)
rem Forward to Till with the Simphony web service (192.0.2.50), TCP 8080.
rem Up to date at https://developers.deliverect.com/reference/ip-whitelisting
netsh advfirewall firewall add rule name="netcheck pos_firewall 2 tcp" dir=in action=allow protocol=TCP localport=8080 remoteip=198.51.100.7,203.0.113.0/28

rem 3. recommended: stays closed: in, from the internet; from: everybody else on the internet; to:
rem till.example.com; TCP 8080
rem Closed to strangers (Protection of the till)
rem No command: what is not let in stays closed by itself, where the firewall is closed by default.

rem 4. required: in, within the shop; from: Another computer in the shop; to: Till with the Simphony
rem web service (192.0.2.50); TCP 8080 (HTTP)
rem Till from the shop's network, Web service from the shop's network (Orders from Deliverect to the
rem till)
rem Also in the own firewall of the machine that is contacted.
rem Who it is is not known by address: the machine's own subnet is let in.
netsh advfirewall firewall add rule name="netcheck pos_firewall 4 tcp" dir=in action=allow protocol=TCP localport=8080 remoteip=LocalSubnet
