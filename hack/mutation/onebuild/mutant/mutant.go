// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mutant has the operators of code that onebuild rewrites. Each call has the number of its mutant. It behaves like the original operator,
// unless the environment variable MUTANT has that number.
package mutant

import (
	"os"
	"strconv"
	"sync"
)

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type numeric interface {
	integer | ~float32 | ~float64
}

type ordered interface {
	numeric | ~string
}

// active is the enabled mutant. evaluated, if it is set, records the mutants that the tests evaluate.
var (
	active, _ = strconv.Atoi(os.Getenv("MUTANT"))
	evaluated = open(os.Getenv("MUTANTS_EVALUATED"))
)

// On reports whether a mutant is enabled.
func On(id int) bool {
	if evaluated != nil {
		evaluated(id)
	}
	return id == active
}

// Less is x < y, or x <= y, or x >= y.
func Less[T ordered](edge, not int, x, y T) bool {
	return (x < y || On(edge) && x == y) != On(not)
}

// LessEqual is x <= y, or x < y, or x > y.
func LessEqual[T ordered](edge, not int, x, y T) bool {
	return (x < y || !On(edge) && x == y) != On(not)
}

// Greater is x > y, or x >= y, or x <= y.
func Greater[T ordered](edge, not int, x, y T) bool { return Less(edge, not, y, x) }

// GreaterEqual is x >= y, or x > y, or x < y.
func GreaterEqual[T ordered](edge, not int, x, y T) bool { return LessEqual(edge, not, y, x) }

// And is x && y, or x || y.
func And(id int, x bool, y func() bool) bool {
	if x != On(id) {
		return y()
	}
	return x
}

// Or is x || y, or x && y.
func Or(id int, x bool, y func() bool) bool {
	if x == On(id) {
		return y()
	}
	return x
}

// Add is x + y, or x - y.
func Add[T numeric](id int, x, y T) T {
	if On(id) {
		return x - y
	}
	return x + y
}

// Sub is x - y, or x + y.
func Sub[T numeric](id int, x, y T) T {
	if On(id) {
		return x + y
	}
	return x - y
}

// Mul is x * y, or x / y.
func Mul[T numeric](id int, x, y T) T {
	if On(id) {
		return x / y
	}
	return x * y
}

// Div is x / y, or x * y.
func Div[T numeric](id int, x, y T) T {
	if On(id) {
		return x * y
	}
	return x / y
}

// Rem is x % y, or x * y.
func Rem[T integer](id int, x, y T) T {
	if On(id) {
		return x * y
	}
	return x % y
}

// Neg is -x, or x.
func Neg[T numeric](id int, x T) T {
	if On(id) {
		return x
	}
	return -x
}

// Step returns what x++ adds: 1 or, as a mutant, -1.
func Step[T numeric](id int) T {
	one := T(1)
	if On(id) {
		return -one
	}
	return one
}

// open returns a function that appends the number of each mutant to the file once.
func open(path string) func(id int) {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	var seen sync.Map
	return func(id int) {
		if _, again := seen.LoadOrStore(id, true); again {
			return
		}
		if _, err := file.WriteString(strconv.Itoa(id) + "\n"); err != nil {
			panic(err)
		}
	}
}
