package checks

import (
	"sync"

	"netcheck/checks/engine"
)

// inTurn runs f(0) to f(n-1) at once, but lets each begin only when the one
// before it has said so by begun, or has returned: their steps are then
// recorded in the same order in every run.
func inTurn(n int, f func(i int, begun func())) {
	if n == 1 { // most often: a goroutine's stack is not worth growing anew
		f(0, func() {})
		return
	}
	gates := make([]chan struct{}, n+1)
	for i := range gates {
		gates[i] = make(chan struct{})
	}
	close(gates[0])
	engine.Parallel(n, func(i int) {
		<-gates[i]
		begun := sync.OnceFunc(func() { close(gates[i+1]) })
		defer begun()
		f(i, begun)
	})
}
