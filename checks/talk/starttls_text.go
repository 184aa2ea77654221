package talk

import "strings"

// mostLines is more than any server's list of what it can do has.
const mostLines = 200

// reply is an answer of FTP or SMTP, of one line or of several (RFC 959, 4.2):
// its code, all of its text, and its last line.
func (l *lines) reply() (code, text, last string, err error) {
	var all strings.Builder
	for range mostLines {
		line, err := l.next()
		if err != nil {
			return code, all.String(), line, err
		}
		all.WriteString(line + "\n")
		isCode := len(line) >= 3 && strings.Trim(line[:3], "0123456789") == ""
		switch {
		case code == "" && !isCode:
			return "", line, line, nil // no reply at all
		case code == "":
			code = line[:3]
		}
		if isCode && line[:3] == code && (len(line) == 3 || line[3] == ' ') {
			return code, all.String(), line, nil
		}
		if len(line) > 3 && isCode && line[:3] == code && line[3] != '-' {
			return "", line, line, nil
		}
	}
	return code, all.String(), "", errTooLong
}

// greetAs waits for 220, after lines that may go before it.
func greetAs(proto string) func(*lines) (string, error) {
	return func(l *lines) (string, error) {
		code, text, last, err := l.reply()
		for n := 0; err == nil && code == "120" && n < mostLines; n++ { // FTP: ready in some minutes
			code, text, last, err = l.reply()
		}
		switch p := Recognise([]byte(text)); {
		case err != nil:
			return text, err
		case p.Proto != "other" && p.Proto != proto:
			return text, strange(proto, text)
		case code == "220":
			return text, nil
		case code == "421" || code == "554" || code == "530":
			return text, declined(last)
		}
		return text, strange(proto, text)
	}
}

func askFTP(l *lines) (Offer, error) {
	if err := l.say("AUTH TLS"); err != nil { // RFC 4217
		return Offer{}, err
	}
	code, _, last, err := l.reply()
	if err != nil {
		return Offer{}, err
	}
	if code != "234" && code != "334" {
		return Offer{Said: last}, declined(last)
	}
	return Offer{Listed: true, Said: last}, nil
}

func askSMTP(l *lines) (o Offer, err error) {
	// An address literal needs no name that the server might look up.
	if err := l.say("EHLO [127.0.0.1]"); err != nil {
		return o, err
	}
	code, text, last, err := l.reply()
	if err != nil {
		return o, err
	}
	if code != "250" {
		return Offer{Said: last}, declined(last)
	}
	for line := range strings.Lines(text) {
		if len(line) > 4 && strings.EqualFold(strings.TrimSpace(line[4:]), "STARTTLS") {
			o.Listed = true
		}
	}
	if !o.Listed {
		return o, notOffered()
	}
	if err := l.say("STARTTLS"); err != nil { // RFC 3207
		return o, err
	}
	code, _, o.Said, err = l.reply()
	if err == nil && code != "220" {
		err = declined(o.Said)
	}
	return o, err
}

func greetIMAP(l *lines) (string, error) {
	line, err := l.next()
	switch {
	case err != nil:
		return line, err
	case strings.HasPrefix(line, "* OK"):
		return line, nil
	case strings.HasPrefix(line, "* BYE"), strings.HasPrefix(line, "* PREAUTH"): // STARTTLS is over then (RFC 9051, 6.2.1)
		return line, declined(line)
	}
	return line, strange("imap", line)
}

func askIMAP(l *lines) (Offer, error) {
	listed, said, err := l.tagged("n1 CAPABILITY")
	if err != nil {
		return Offer{}, err
	}
	o := Offer{Listed: strings.Contains(strings.ToUpper(listed)+" ", " STARTTLS "), Said: said}
	if !o.Listed {
		return o, notOffered()
	}
	_, o.Said, err = l.tagged("n2 STARTTLS")
	if err == nil && !strings.HasPrefix(strings.ToUpper(o.Said), "N2 OK") {
		err = declined(o.Said)
	}
	return o, err
}

// tagged says a command of IMAP and returns the capabilities that came, and the
// line that ends the answer.
func (l *lines) tagged(command string) (capabilities, last string, err error) {
	if err := l.say(command); err != nil {
		return "", "", err
	}
	tag, _, _ := strings.Cut(command, " ")
	for range mostLines {
		line, err := l.next()
		if err != nil {
			return capabilities, line, err
		}
		switch {
		case strings.HasPrefix(line, tag+" "):
			return capabilities, line, nil
		case strings.HasPrefix(strings.ToUpper(line), "* CAPABILITY "):
			capabilities += " " + line
		case !strings.HasPrefix(line, "* "):
			return "", line, strange("imap", line)
		}
	}
	return capabilities, "", errTooLong
}

func greetPOP3(l *lines) (string, error) {
	line, err := l.next()
	switch {
	case err != nil:
		return line, err
	case strings.HasPrefix(line, "+OK"):
		return line, nil
	case strings.HasPrefix(line, "-ERR"):
		return line, declined(line)
	}
	return line, strange("pop3", line)
}

// askPOP3 does not ask for the list of capabilities first: old servers have
// STLS and no CAPA.
func askPOP3(l *lines) (Offer, error) {
	if err := l.say("STLS"); err != nil { // RFC 2595
		return Offer{}, err
	}
	line, err := l.next()
	switch {
	case err != nil:
		return Offer{}, err
	case strings.HasPrefix(line, "+OK"):
		return Offer{Listed: true, Said: line}, nil
	case strings.HasPrefix(line, "-ERR"):
		return Offer{Said: line}, declined(line)
	}
	return Offer{Said: line}, strange("pop3", line)
}
