// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// Function is a function, an operator or a macro that rules can use.
type Function struct {
	// Name as written in rules.
	Name string
	// Forms are the signatures, such as "text.split(string) -> list(string)"; none for operators.
	Forms []string
}

// Functions returns what the expressions of rules can call, by name. It is the same for documents and for items.
func Functions() []Function {
	var out []Function
	for name, f := range documentEnv.Functions() {
		if _, operator := operators.FindReverse(name); operator || name == "in" || strings.ContainsAny(name[:1], "_@!?") || strings.HasPrefix(name, "optional_") {
			continue
		}
		forms := map[string]bool{}
		for _, o := range f.OverloadDecls() {
			forms[form(name, o)] = true
		}
		out = append(out, Function{Name: name, Forms: slices.Sorted(maps.Keys(forms))})
	}
	slices.SortFunc(out, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Macros returns the names of CEL's macros, such as has and map, which are called like functions.
func Macros() []string {
	names := map[string]bool{}
	for _, m := range documentEnv.Macros() {
		name := m.Function()
		if name == "greatest" || name == "least" {
			name = "math." + name
		}
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Operators returns the operators as written in rules.
func Operators() []string {
	names := map[string]bool{}
	for name := range documentEnv.Functions() {
		if sign, ok := operators.FindReverse(name); ok && sign != "" {
			names[sign] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// form formats a signature of a function.
func form(name string, o *decls.OverloadDecl) string {
	var args []string
	for _, t := range o.ArgTypes() {
		args = append(args, typeName(t))
	}
	receiver := ""
	if o.IsMemberFunction() {
		receiver, args = args[0]+".", args[1:]
	}
	return receiver + name + "(" + strings.Join(args, ", ") + ") -> " + typeName(o.ResultType())
}

// typeName returns CEL's name of a type, without wrappers.
func typeName(t *types.Type) string {
	switch t.Kind() {
	case types.TimestampKind:
		return "timestamp"
	case types.DurationKind:
		return "duration"
	}
	return strings.NewReplacer("google.protobuf.Timestamp", "timestamp", "google.protobuf.Duration", "duration").Replace(t.String())
}
