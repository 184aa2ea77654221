package machine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What netsh prints, in the forms of its versions: by queue and by session,
// with and without the programs' names, in English and not.
const (
	byQueueOld = `
Snapshot of HTTP service state (Request Queue View):
-----------------------------------------------------

Request queue name: ShopPool
    Version: 2.0
    State: Active
    Request queue 503 verbosity level: Limited
    Max requests: 1000
    Number of active processes attached: 2
    Controller process ID: 1216
    Process IDs:
        3248
        3312

    URL groups:
    URL group ID: FE00000040000001
        State: Active
        Request queue name: ShopPool
            Number of registered URLs: 2
            Registered URLs:
                HTTP://*:80/
                HTTP://*:8080:192.168.1.10/TILL/

Request queue name: Request queue is unnamed.
    Version: 2.0
    State: Active
    Number of active processes attached: 1
    Process IDs:
        4120

    URL groups:
    URL group ID: FD00000040000002
            Registered URLs:
                HTTP://+:5357/
                HTTPS://[::1]:8080/PRINT/
`
	bySession = `
Snapshot of HTTP service state (Server Session View):
-----------------------------------------------------

Server session ID: FF00000010000001
    Version: 2.0
    State: Active
    Properties:
        Max bandwidth: 4294967295
        Timeouts:
            Entity body timeout (secs): 120
    URL groups:
    URL group ID: FE00000020000001
        State: Active
        Request queue name: Request queue is unnamed.
            Number of registered URLs: 1
            Registered URLs:
                HTTP://+:8080/TILL/
    URL group ID: FE00000020000002
            Number of registered URLs: 1
            Registered URLs:
                HTTP://+:8081/LOST/

Request queues:
    Request queue name: Request queue is unnamed.
        Version: 1.0
        State: Active
        Max requests: 1000
        Number of active processes attached: 1
        Processes:
            ID: 1412, image: <?>
        Registered URLs:
            HTTP://+:5985/WSMAN/

    Request queue name: Request queue is unnamed.
        Version: 2.0
        Number of active processes attached: 1
        Processes:
            ID: 4796, image: C:\Program Files\Till\Service Host.exe
        Registered URLs:
            HTTP://+:8080/TILL/
`
	inItalian = `
Nome coda di richieste: La coda di richieste è senza nome.
    Versione: 2.0
    Stato: Attivo
    Numero massimo di richieste: 1000
    Numero di processi attivi collegati: 1
    Processi:
        ID: 4796, immagine: C:\Cassa\Servizio.exe
    URL registrati:
        HTTP://+:8080/CASSA/
`
)

func TestServiceState(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		port uint16
		want []URLGroup
	}{
		"two queues on one port": {byQueueOld, 8080, []URLGroup{
			{[]string{"HTTP://*:8080:192.168.1.10/TILL/"}, []Owner{{PID: 3248}, {PID: 3312}}},
			{[]string{"HTTPS://[::1]:8080/PRINT/"}, []Owner{{PID: 4120}}},
		}},
		"by queue":                           {byQueueOld, 80, []URLGroup{{[]string{"HTTP://*:80/"}, []Owner{{PID: 3248}, {PID: 3312}}}}},
		"by session":                         {bySession, 8080, []URLGroup{{[]string{"HTTP://+:8080/TILL/"}, []Owner{{4796, "Service Host.exe"}}}}},
		"a name that is hidden":              {bySession, 5985, []URLGroup{{[]string{"HTTP://+:5985/WSMAN/"}, []Owner{{PID: 1412}}}}},
		"a session whose queue is not shown": {bySession, 8081, []URLGroup{{URLs: []string{"HTTP://+:8081/LOST/"}}}},
		"in Italian":                         {inItalian, 8080, []URLGroup{{[]string{"HTTP://+:8080/CASSA/"}, []Owner{{4796, "Servizio.exe"}}}}},
		"another port":                       {byQueueOld, 808, nil},
		"nothing":                            {"", 80, nil},
		"carriage returns":                   {strings.ReplaceAll(inItalian, "\n", "\r\n"), 8080, []URLGroup{{[]string{"HTTP://+:8080/CASSA/"}, []Owner{{4796, "Servizio.exe"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, fromServiceState([]byte(test.text), test.port)); d != "" {
				t.Error(d)
			}
		})
	}
}

func FuzzServiceState(f *testing.F) {
	for _, s := range []string{byQueueOld, bySession, inItalian} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, g := range fromServiceState(b, 8080) {
			for _, u := range g.URLs {
				if !strings.Contains(u, ":8080") || printable(u) != u {
					t.Errorf("a URL %q", u)
				}
			}
		}
	})
}
