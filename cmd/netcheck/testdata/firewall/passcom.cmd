@echo off
rem What Mexal and Passcom, connections to other installations (Passepartout) needs of firewalls
rem Profile passcom, revision 2026-11-22, after
rem https://www.edupass.it/manuali/manualistica-mexal/manuale-prodotto?a=manuale-prodotto/nozioni-generali/codice-installazione/servizi-di-risoluzione-id-installazione,
rem as seen on 2026-11-21
rem Names are what the vendor stands by; the addresses behind them change. Everything else may stay
rem closed.
rem For the machine's own firewall, as administrator. Look at each command before you run it.

rem 1. required: out; from: Server with MxServer (192.0.2.10); to: bianchi02.bp.passcom.it; TCP
rem 9000-9999 (directly, not through a proxy)
rem Ports 9000 to 9999 from this server (Functions between servers (e-invoicing, Real Time, journal
rem transfer, remote Sprix, EasyPass))
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 2. required: out; from: Server with MxServer (192.0.2.10); to: start-live.passepartout.cloud,
rem start-live01.passepartout.cloud, start-live02.passepartout.cloud; TCP 443 (TLS; directly, not
rem through a proxy)
rem Live entry hosts from this server (Functions between servers (e-invoicing, Real Time, journal
rem transfer, remote Sprix, EasyPass))
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 3. required: out; from: Server with MxServer (192.0.2.10); to: the DNS servers that it is set up
rem with; TCP/UDP 53 (DNS)
rem Finding the addresses of rossi01.bp.passcom.it, bianchi02.bp.passcom.it,
rem start-live.passepartout.cloud, start-live01.passepartout.cloud, start-live02.passepartout.cloud
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 4. required: in, from the internet; from: the internet; to: rossi01.bp.passcom.it; TCP 9123
rem Calls from the Internet reach MxServer, MxServer from the Internet (Functions between servers
rem (e-invoicing, Real Time, journal transfer, remote Sprix, EasyPass), Answers that come back from
rem the counterpart)
rem Forward to Server with MxServer (192.0.2.10), TCP 9000.
rem No addresses of callers are known: ask the vendor for them before you open it to everybody.
rem No command: it would be open to the whole internet, since no addresses of callers are known.

rem 5. optional: in, within the shop; from: PC with iDesk; to: Server with MxServer (192.0.2.10);
rem TCP 9000
rem Own MxServer from this PC (Remote access from iDesk)
rem Also in the own firewall of the machine that is contacted.
rem Who it is is not known by address: the machine's own subnet is let in.
netsh advfirewall firewall add rule name="netcheck passcom 5 tcp" dir=in action=allow protocol=TCP localport=9000 remoteip=LocalSubnet
