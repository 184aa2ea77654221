package dial

// some returns at most n silent ports, spread evenly.
func (p *policy) some(n int) []int32 {
	n = min(n, p.left)
	out := make([]int32, 0, n)
	seen := 0
	for k := range p.ports {
		if i := p.nth(k); !p.ports[i].done {
			if seen*n/p.left == len(out) {
				out = append(out, int32(i))
			}
			seen++
		}
	}
	return out
}

// nth is the k-th port in the order of asking.
func (p *policy) nth(k int) int { return int(uint64(k) * uint64(p.step) % uint64(len(p.ports))) }

// stride is a step that visits all of n places, near the golden section of n,
// so that what is visited early is spread well.
func stride(n int) int {
	for s := max(1, int(float64(n)*0.618)); ; s++ {
		if gcd(s, n) == 1 {
			return s
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// queue is a ring of port indices, each in it at most once.
type queue struct {
	ring    []int32
	head, n int
}

func newQueue(size int) queue { return queue{ring: make([]int32, size)} }

func (q *queue) empty() bool { return q.n == 0 }
func (q *queue) first() int  { return int(q.ring[q.head]) }

func (q *queue) pop() {
	q.head = (q.head + 1) % len(q.ring)
	q.n--
}

func (q *queue) push(i int) {
	q.ring[(q.head+q.n)%len(q.ring)] = int32(i)
	q.n++
}
