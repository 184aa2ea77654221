// Command netcheck tests in a shop whether a product's network needs are met:
// it runs the checks that a profile declares and reports what failed, where on
// the path, and what to do. This package is flags and wiring only: what is
// checked, how it is diagnosed and how it is shown lie in checks, report and
// profiles.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
