// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"strings"
)

// Error describes what is wrong with one expression of a mapping.
type Error struct {
	// Path of the field, relative to the source's spec: mapping[2].event.time.
	Path string
	// Expression as written; empty if the error is not in an expression.
	Expression string
	// Message of the CEL compiler, or Journeyman's, in one line.
	Message string
	// Fix is what to do.
	Fix string
}

// Error returns path, message and fix in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.Path, e.Message, e.Fix)
}

// Errors are all errors of a mapping, in the order of its fields; never empty.
type Errors []*Error

// Error returns the first error and the number of the others.
func (e Errors) Error() string {
	if len(e) == 1 {
		return e[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", e[0].Error(), len(e)-1)
}

// functionError is the error of a function that CEL does not have, without the values of its arguments.
type functionError struct {
	// name of the function, and what is wrong: "the zone".
	name, what string
	err        error
}

func (e *functionError) Error() string { return e.name + " failed: " + e.what + " " + e.err.Error() }

// fixFor returns the advice for a message of the CEL compiler.
func fixFor(message string) string {
	switch {
	case strings.HasPrefix(message, "undeclared reference to 'item'"):
		return "item is only available in rules with forEach"
	case strings.HasPrefix(message, "undeclared reference"):
		return "use body, headers, query, item or now, and write fixed texts in quotes"
	case strings.HasPrefix(message, "found no matching overload"):
		return "convert one side, for example with string(...), int(...) or double(...)"
	case strings.HasPrefix(message, "invalid argument to has() macro"):
		return `write has(body.field), or "Field name" in body for a name with spaces`
	case strings.HasPrefix(message, "Syntax error"):
		return "correct the expression; it must be CEL"
	}
	return "correct the expression"
}
