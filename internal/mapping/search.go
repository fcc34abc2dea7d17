// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// CEL's indexOf and lastIndexOf compare character by character at each position, which takes minutes for two long texts of a document. These
// functions give the same results in one pass over the text. All functions that search know in advance what the worst pair of texts with these
// lengths would cost.

// errSearched is the error by which an expression that costs too much is recognised.
const errSearched = "cost limit exceeded: one long text is searched for in another"

// searched returns the text and what to search for in it. It returns an error if they are not texts, or if the search would cost too much.
func searched(args []ref.Val) (text, needle string, err ref.Val) {
	t, ok := args[0].(types.String)
	if !ok {
		return "", "", types.MaybeNoSuchOverloadErr(args[0])
	}
	n, ok := args[1].(types.String)
	if !ok {
		return "", "", types.MaybeNoSuchOverloadErr(args[1])
	}
	if searchCost(len(t), len(n)) > CostLimit {
		return "", "", types.NewErr(errSearched)
	}
	return string(t), string(n), nil
}

// contains is text.contains(part).
func contains(args []ref.Val) ref.Val {
	text, part, err := searched(args)
	if err != nil {
		return err
	}
	return types.Bool(strings.Contains(text, part))
}

// split is text.split(separator) and text.split(separator, n).
func split(args []ref.Val) ref.Val {
	text, separator, err := searched(args)
	if err != nil {
		return err
	}
	n, err := atMost(args, 2)
	if err != nil {
		return err
	}
	parts := strings.Count(text, separator) + 1
	if n >= 0 {
		parts = min(parts, n)
	}
	if parts*partBytes > maxBuilt {
		return types.NewErr(errSplit)
	}
	return types.DefaultTypeAdapter.NativeToValue(strings.SplitN(text, separator, n))
}

// indexOf is text.indexOf(part) and text.indexOf(part, from), in characters; -1 if there is no match.
func indexOf(args []ref.Val) ref.Val {
	text, part, err := searched(args)
	if err != nil {
		return err
	}
	from, err := offset(args, 0)
	if err != nil {
		return err
	}
	start := byteOf(text, from)
	if start < 0 {
		return beyond(text, part)
	}
	found := strings.Index(text[start:], part)
	if found < 0 {
		return types.Int(-1)
	}
	return types.Int(from + utf8.RuneCountInString(text[start:start+found]))
}

// lastIndexOf is text.lastIndexOf(part) and text.lastIndexOf(part, from), in characters: the last match that starts at from or before it; -1 if there is none.
func lastIndexOf(args []ref.Val) ref.Val {
	text, part, err := searched(args)
	if err != nil {
		return err
	}
	end := len(text)
	if len(args) > 2 {
		from, err := offset(args, 0)
		if err != nil {
			return err
		}
		start := byteOf(text, from)
		if start < 0 || start == len(text) {
			return beyond(text, part)
		}
		end = min(start+len(part), len(text))
	}
	found := strings.LastIndex(text[:end], part)
	if found < 0 {
		return types.Int(-1)
	}
	return types.Int(utf8.RuneCountInString(text[:found]))
}

// offset returns the third argument, or a default.
func offset(args []ref.Val, otherwise int) (int, ref.Val) {
	if len(args) < 3 {
		return otherwise, nil
	}
	given, ok := args[2].(types.Int)
	if !ok {
		return 0, types.MaybeNoSuchOverloadErr(args[2])
	}
	if given < 0 {
		return 0, types.NewErr("index out of range: %d", int64(given))
	}
	return int(given), nil
}

// byteOf returns where the character with that number starts: the end of the text for the number of its characters, and -1 beyond.
func byteOf(text string, character int) int {
	if character == 0 {
		return 0
	}
	at := 0
	for i := range text {
		if at == character {
			return i
		}
		at++
	}
	if at == character {
		return len(text)
	}
	return -1
}

// beyond returns the match beyond the end: only the empty text, which matches everywhere.
func beyond(text, part string) ref.Val {
	if part == "" {
		return types.Int(utf8.RuneCountInString(text))
	}
	return types.Int(-1)
}
