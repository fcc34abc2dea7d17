// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// CEL computes the cost of a call after the call. That is too late for functions whose result or work can be as large as the product of their
// arguments, a million bytes each. Their cost is computed in advance.

// bytesPerCost is the number of bytes of a text that cost one unit, as CEL counts concatenation.
const bytesPerCost = 10

// maxBuilt is the largest text that an expression can build, in bytes, within its cost limit.
const maxBuilt = CostLimit * bytesPerCost

// partBytes is the memory of each part of a text that is split. The parts share the bytes of the text.
const partBytes = 16

// errSplit is the error by which a split into too many parts is recognised.
const errSplit = "cost limit exceeded: the text has too many parts"

// errBuilt is the error by which an expression that costs too much is recognised.
const errBuilt = "cost limit exceeded: the text becomes too large"

// boundBuilders replaces functions that would build a text or pattern of any size, or search for any time.
func boundBuilders(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	switch call.Function() {
	case "replace":
		return &bounded{InterpretableCall: call, build: replace}, nil
	case "join":
		return &bounded{InterpretableCall: call, build: join}, nil
	case "contains":
		return &bounded{InterpretableCall: call, build: contains}, nil
	case "indexOf":
		return &bounded{InterpretableCall: call, build: indexOf}, nil
	case "lastIndexOf":
		return &bounded{InterpretableCall: call, build: lastIndexOf}, nil
	case "split":
		return &bounded{InterpretableCall: call, build: split}, nil
	case "matches":
		// A constant pattern is compiled once, with the rule.
		if args := call.Args(); len(args) == 2 && !isConstant(args[1]) {
			return &foreignPattern{bounded{InterpretableCall: call, build: matches}}, nil
		}
	}
	return i, nil
}

// bounded is a call whose cost is known before it runs.
type bounded struct {
	interpreter.InterpretableCall
	build func(args []ref.Val) ref.Val
}

// Exec implements interpreter.InterpretableV2.
func (b *bounded) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	args := make([]ref.Val, len(b.Args()))
	for i, a := range b.Args() {
		if args[i] = a.Exec(frame); types.IsUnknownOrError(args[i]) {
			return args[i]
		}
	}
	return b.build(args)
}

// Eval implements interpreter.Interpretable.
func (b *bounded) Eval(vars interpreter.Activation) ref.Val { return b.Exec(interpreter.AsFrame(vars)) }

// foreignPattern is a match against a pattern from the document, which is compiled each time.
type foreignPattern struct{ bounded }

// matchesForeign is the function name that distinguishes its cost from that of other matches.
const matchesForeign = "matches a pattern of the document"

// Function implements interpreter.InterpretableCall.
func (*foreignPattern) Function() string { return matchesForeign }

func isConstant(i interpreter.InterpretableV2) bool {
	_, ok := i.(interpreter.InterpretableConst)
	return ok
}

// matches is text.matches(pattern).
func matches(args []ref.Val) ref.Val {
	text, ok := args[0].(types.String)
	pattern, isText := args[1].(types.String)
	if !ok || !isText {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	if matchCost(len(text), len(pattern), true) > CostLimit {
		return types.NewErr(errBuilt)
	}
	return text.Match(pattern)
}

// replace is text.replace(old, new) and text.replace(old, new, n).
func replace(args []ref.Val) ref.Val {
	var texts [3]string
	for i := range texts {
		s, ok := args[i].(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[i])
		}
		texts[i] = string(s)
	}
	text, old, by := texts[0], texts[1], texts[2]
	n, err := atMost(args, 3)
	if err != nil {
		return err
	}
	if searchCost(len(text), len(old)) > CostLimit {
		return types.NewErr(errSearched)
	}
	found := strings.Count(text, old)
	if n >= 0 {
		found = min(found, n)
	}
	if len(text)+found*(len(by)-len(old)) > maxBuilt {
		return types.NewErr(errBuilt)
	}
	return types.String(strings.Replace(text, old, by, n))
}

// atMost returns the maximum number of repetitions, from an optional argument; -1 without one, for no limit.
func atMost(args []ref.Val, place int) (n int, err ref.Val) {
	if len(args) <= place {
		return -1, nil
	}
	given, ok := args[place].(types.Int)
	if !ok {
		return 0, types.MaybeNoSuchOverloadErr(args[place])
	}
	return int(given), nil
}

// join is list.join() and list.join(separator).
func join(args []ref.Val) ref.Val {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	separator := types.String("")
	if len(args) > 1 {
		if separator, ok = args[1].(types.String); !ok {
			return types.MaybeNoSuchOverloadErr(args[1])
		}
	}
	var b strings.Builder
	for it, first := list.Iterator(), true; it.HasNext() == types.True; first = false {
		s, ok := it.Next().(types.String)
		switch {
		case !ok:
			return types.NewErr("no such overload: a list to join must be of texts")
		case b.Len()+len(s)+len(separator) > maxBuilt:
			return types.NewErr(errBuilt)
		case !first:
			b.WriteString(string(separator))
		}
		b.WriteString(string(s))
	}
	return types.String(b.String())
}
