# What Mexal and Passcom, connections to other installations (Passepartout) needs of firewalls
# Profile passcom, revision 2026-11-22, after
# https://www.edupass.it/manuali/manualistica-mexal/manuale-prodotto?a=manuale-prodotto/nozioni-generali/codice-installazione/servizi-di-risoluzione-id-installazione,
# as seen on 2026-11-21
# Names are what the vendor stands by; the addresses behind them change. Everything else may stay
# closed.
# For the machine's own firewall, as administrator. Look at each command before you run it.

# 1. required: out; from: Server with MxServer (192.0.2.10); to: bianchi02.bp.passcom.it; TCP
# 9000-9999 (directly, not through a proxy)
# Ports 9000 to 9999 from this server (Functions between servers (e-invoicing, Real Time, journal
# transfer, remote Sprix, EasyPass))
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 2. required: out; from: Server with MxServer (192.0.2.10); to: start-live.passepartout.cloud,
# start-live01.passepartout.cloud, start-live02.passepartout.cloud; TCP 443 (TLS; directly, not
# through a proxy)
# Live entry hosts from this server (Functions between servers (e-invoicing, Real Time, journal
# transfer, remote Sprix, EasyPass))
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 3. required: out; from: Server with MxServer (192.0.2.10); to: the DNS servers that it is set up
# with; TCP/UDP 53 (DNS)
# Finding the addresses of rossi01.bp.passcom.it, bianchi02.bp.passcom.it,
# start-live.passepartout.cloud, start-live01.passepartout.cloud, start-live02.passepartout.cloud
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 4. required: in, from the internet; from: the internet; to: rossi01.bp.passcom.it; TCP 9123
# Calls from the Internet reach MxServer, MxServer from the Internet (Functions between servers
# (e-invoicing, Real Time, journal transfer, remote Sprix, EasyPass), Answers that come back from
# the counterpart)
# Forward to Server with MxServer (192.0.2.10), TCP 9000.
# No addresses of callers are known: ask the vendor for them before you open it to everybody.
# No command: it would be open to the whole internet, since no addresses of callers are known.

# 5. optional: in, within the shop; from: PC with iDesk; to: Server with MxServer (192.0.2.10); TCP
# 9000
# Own MxServer from this PC (Remote access from iDesk)
# Also in the own firewall of the machine that is contacted.
# Who it is is not known by address: the machine's own subnet is let in.
New-NetFirewallRule -DisplayName 'netcheck passcom 5 tcp' -Direction Inbound -Action Allow -Protocol TCP -LocalPort @('9000') -RemoteAddress @('LocalSubnet')
