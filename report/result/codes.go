package result

// Code is a cause: the vocabulary of diagnosis.
type Code string

// The codes of the contract. More may be added, none renamed.
const (
	LocalNoAddress    Code = "local.no-address"
	LocalNoRoute      Code = "local.no-route"
	LocalGatewayDown  Code = "local.gateway-down"
	LocalFirewall     Code = "local.firewall"
	LocalWrongNetmask Code = "local.wrong-netmask"
	LocalPolicyRoute  Code = "local.policy-route"
	LocalExhausted    Code = "local.exhausted"
	LocalVPN          Code = "local.vpn"
	LocalClockSkew    Code = "local.clock-skew"
	LocalPermission   Code = "local.permission"

	HostDown     Code = "host.down"
	HostFirewall Code = "host.firewall"

	DNSResolverUnreachable Code = "dns.resolver-unreachable"
	DNSServFail            Code = "dns.servfail"
	DNSRefused             Code = "dns.refused"
	DNSNXDomain            Code = "dns.nxdomain"
	DNSNoAddress           Code = "dns.no-address"
	DNSFiltered            Code = "dns.filtered"
	DNSHijacked            Code = "dns.hijacked"
	DNSRewritten           Code = "dns.rewritten"
	DNSRebindBlocked       Code = "dns.rebind-blocked"
	DNSIntercepted         Code = "dns.intercepted"
	DNSSEC                 Code = "dns.dnssec"
	DNSTCPBlocked          Code = "dns.tcp-blocked"
	DNSHostsOverride       Code = "dns.hosts-override"
	DNSSearchSuffix        Code = "dns.search-suffix"
	DNSSlow                Code = "dns.slow"
	DNSMismatch            Code = "dns.mismatch"

	TCPFiltered           Code = "tcp.filtered"
	TCPRejected           Code = "tcp.rejected"
	TCPResetByMiddlebox   Code = "tcp.reset-by-middlebox"
	TCPClosed             Code = "tcp.closed"
	TCPRefused            Code = "tcp.refused"
	TCPOpen               Code = "tcp.open"
	TCPTransparentProxy   Code = "tcp.transparent-proxy"
	TCPAnsweredByFirewall Code = "tcp.answered-by-firewall"

	PathNoRoute      Code = "path.no-route"
	PathLoop         Code = "path.loop"
	PathMTUBlackhole Code = "path.mtu-blackhole"
	PathLoss         Code = "path.loss"
	PathIPv6Broken   Code = "path.ipv6-broken"
	PathAddressDead  Code = "path.address-dead"

	UDPClosed   Code = "udp.closed"
	UDPRejected Code = "udp.rejected"
	UDPNoReply  Code = "udp.no-reply"

	ProtoBlocked  Code = "proto.blocked"
	ProtoMismatch Code = "proto.mismatch"

	ProxyRequired     Code = "proxy.required"
	ProxyUnreachable  Code = "proxy.unreachable"
	ProxyAuthRequired Code = "proxy.auth-required"
	ProxyDenied       Code = "proxy.denied"
	ProxyError        Code = "proxy.error"

	TLSIntercepted        Code = "tls.intercepted"
	TLSUntrusted          Code = "tls.untrusted"
	TLSSelfSigned         Code = "tls.self-signed"
	TLSIncompleteChain    Code = "tls.incomplete-chain"
	TLSRootsOutdated      Code = "tls.roots-outdated"
	TLSExpired            Code = "tls.expired"
	TLSExpiring           Code = "tls.expiring"
	TLSNotYetValid        Code = "tls.not-yet-valid"
	TLSNameMismatch       Code = "tls.name-mismatch"
	TLSVersion            Code = "tls.version"
	TLSALPN               Code = "tls.alpn"
	TLSSNIBlocked         Code = "tls.sni-blocked"
	TLSLargeHello         Code = "tls.large-hello"
	TLSHandshakeReset     Code = "tls.handshake-reset"
	TLSHandshakeTimeout   Code = "tls.handshake-timeout"
	TLSClientCertRequired Code = "tls.client-cert-required"
	TLSClientCertRefused  Code = "tls.client-cert-refused"
	TLSNotTLS             Code = "tls.not-tls"
	TLSPinMismatch        Code = "tls.pin-mismatch"

	HTTPCaptivePortal Code = "http.captive-portal"
	HTTPBlockPage     Code = "http.block-page"
	HTTPStatus        Code = "http.status"
	HTTPHeader        Code = "http.header"
	HTTPBody          Code = "http.body"
	HTTPRedirect      Code = "http.redirect"
	HTTPTimeout       Code = "http.timeout"
	HTTPMalformed     Code = "http.malformed"
	HTTPNoAuth        Code = "http.no-auth"
	HTTPClearText     Code = "http.clear-text"

	FTPLogin          Code = "ftp.login"
	FTPDirectory      Code = "ftp.directory"
	FTPDataBlocked    Code = "ftp.data-blocked"
	FTPPassiveAddress Code = "ftp.passive-address"
	FTPTLSRequired    Code = "ftp.tls-required"
	FTPTLSReuse       Code = "ftp.tls-reuse"
	FTPClearText      Code = "ftp.clear-text"
	FTPUnavailable    Code = "ftp.unavailable"
	FTPNoTLS          Code = "ftp.no-tls"

	SSHAuth            Code = "ssh.auth"
	SSHHostKey         Code = "ssh.host-key"
	SSHAlgorithms      Code = "ssh.algorithms"
	SSHSFTPUnavailable Code = "ssh.sftp-unavailable"
	SSHPath            Code = "ssh.path"

	ListenNothing      Code = "listen.nothing"
	ListenLoopbackOnly Code = "listen.loopback-only"
	ListenWrongProcess Code = "listen.wrong-process"

	AddressMissing   Code = "address.missing"
	AddressNotStatic Code = "address.not-static"
	AddressNotPublic Code = "address.not-public"
	AddressMAC       Code = "address.mac"
	AddressUnwanted  Code = "address.unwanted"

	InboundNotListening       Code = "inbound.not-listening"
	InboundLoopbackOnly       Code = "inbound.loopback-only"
	InboundFiltered           Code = "inbound.filtered"
	InboundRefused            Code = "inbound.refused"
	InboundWrongHost          Code = "inbound.wrong-host"
	InboundRouterAnswers      Code = "inbound.router-answers"
	InboundDoubleNAT          Code = "inbound.double-nat"
	InboundCGNAT              Code = "inbound.cgnat"
	InboundAddressChanged     Code = "inbound.address-changed"
	InboundAllowList          Code = "inbound.allow-list"
	InboundVantageUnreachable Code = "inbound.vantage-unreachable"

	DataStale   Code = "data.stale"
	DataMissing Code = "data.missing"

	KeyMissing    Code = "key.missing"
	KeyUnreadable Code = "key.unreadable"
	KeyType       Code = "key.type"
	KeyWeak       Code = "key.weak"
	KeyExposed    Code = "key.exposed"

	AttestNo         Code = "attest.no"
	AttestUnanswered Code = "attest.unanswered"

	AssertViolated Code = "assert.violated"
)

// Codes lists every cause code, by layer.
func Codes() []Code {
	return []Code{
		LocalNoAddress, LocalNoRoute, LocalGatewayDown, LocalFirewall, LocalWrongNetmask, LocalPolicyRoute, LocalExhausted, LocalVPN, LocalClockSkew, LocalPermission,
		HostDown, HostFirewall,
		DNSResolverUnreachable, DNSServFail, DNSRefused, DNSNXDomain, DNSNoAddress, DNSFiltered, DNSHijacked, DNSRewritten, DNSRebindBlocked, DNSIntercepted, DNSSEC, DNSTCPBlocked, DNSHostsOverride, DNSSearchSuffix, DNSSlow, DNSMismatch,
		TCPFiltered, TCPRejected, TCPResetByMiddlebox, TCPClosed, TCPRefused, TCPOpen, TCPTransparentProxy, TCPAnsweredByFirewall,
		PathNoRoute, PathLoop, PathMTUBlackhole, PathLoss, PathIPv6Broken, PathAddressDead,
		UDPClosed, UDPRejected, UDPNoReply,
		ProtoBlocked, ProtoMismatch,
		ProxyRequired, ProxyUnreachable, ProxyAuthRequired, ProxyDenied, ProxyError,
		TLSIntercepted, TLSUntrusted, TLSSelfSigned, TLSIncompleteChain, TLSRootsOutdated, TLSExpired, TLSExpiring, TLSNotYetValid, TLSNameMismatch, TLSVersion, TLSALPN, TLSSNIBlocked, TLSLargeHello, TLSHandshakeReset, TLSHandshakeTimeout, TLSClientCertRequired, TLSClientCertRefused, TLSNotTLS, TLSPinMismatch,
		HTTPCaptivePortal, HTTPBlockPage, HTTPStatus, HTTPHeader, HTTPBody, HTTPRedirect, HTTPTimeout, HTTPMalformed, HTTPNoAuth, HTTPClearText,
		FTPLogin, FTPDirectory, FTPDataBlocked, FTPPassiveAddress, FTPTLSRequired, FTPTLSReuse, FTPClearText, FTPUnavailable, FTPNoTLS,
		SSHAuth, SSHHostKey, SSHAlgorithms, SSHSFTPUnavailable, SSHPath,
		ListenNothing, ListenLoopbackOnly, ListenWrongProcess,
		AddressMissing, AddressNotStatic, AddressNotPublic, AddressMAC, AddressUnwanted,
		InboundNotListening, InboundLoopbackOnly, InboundFiltered, InboundRefused, InboundWrongHost, InboundRouterAnswers, InboundDoubleNAT, InboundCGNAT, InboundAddressChanged, InboundAllowList, InboundVantageUnreachable,
		DataStale, DataMissing,
		KeyMissing, KeyUnreadable, KeyType, KeyWeak, KeyExposed,
		AttestNo, AttestUnanswered,
		AssertViolated,
	}
}
