package engine

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Parallel runs f(0) to f(n-1) at once and returns when all have. A panic in
// one of them becomes a panic of the caller, where the engine turns it into
// that check's error; in a goroutine of its own it would end the program and
// lose the report. Kinds start goroutines by no other way.
func Parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	var once sync.Once
	var caught any
	for i := range n {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					once.Do(func() { caught = fmt.Sprintf("%v\n%s", v, debug.Stack()) })
				}
			}()
			f(i)
		})
	}
	wg.Wait()
	if caught != nil {
		panic(caught)
	}
}
