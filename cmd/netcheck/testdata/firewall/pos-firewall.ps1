# What Deliverect to Simphony through the firewall (Deliverect) needs of firewalls
# Profile pos-firewall, revision 2026-11-22, after
# https://help.deliverect.com/it/articles/7979264-simphony-come-collegare-la-cassa-a-deliverect, as
# seen on 2026-11-21
# Names are what the vendor stands by; the addresses behind them change. Everything else may stay
# closed.
# For the machine's own firewall, as administrator. Look at each command before you run it.

# 1. recommended: out; from: Till with the Simphony web service (192.0.2.50); to: the DNS servers
# that it is set up with; TCP/UDP 53 (DNS)
# Finding the addresses of till.example.com
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 2. required: in, from the internet; from: 198.51.100.7, 203.0.113.0/28; to: till.example.com; TCP
# 8080 (HTTP)
# Calls from the Internet reach the till, Till from the Internet, Web service from the Internet
# (Orders from Deliverect to the till)
# Forward to Till with the Simphony web service (192.0.2.50), TCP 8080.
# Up to date at https://developers.deliverect.com/reference/ip-whitelisting
New-NetFirewallRule -DisplayName 'netcheck pos_firewall 2 tcp' -Direction Inbound -Action Allow -Protocol TCP -LocalPort @('8080') -RemoteAddress @('198.51.100.7','203.0.113.0/28')

# 3. recommended: stays closed: in, from the internet; from: everybody else on the internet; to:
# till.example.com; TCP 8080
# Closed to strangers (Protection of the till)
# No command: what is not let in stays closed by itself, where the firewall is closed by default.

# 4. required: in, within the shop; from: Another computer in the shop; to: Till with the Simphony
# web service (192.0.2.50); TCP 8080 (HTTP)
# Till from the shop's network, Web service from the shop's network (Orders from Deliverect to the
# till)
# Also in the own firewall of the machine that is contacted.
# Who it is is not known by address: the machine's own subnet is let in.
New-NetFirewallRule -DisplayName 'netcheck pos_firewall 4 tcp' -Direction Inbound -Action Allow -Protocol TCP -LocalPort @('8080') -RemoteAddress @('LocalSubnet')
