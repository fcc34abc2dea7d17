// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "strings"

// MaxNames is the number of distinct texts, of one kind, that a run keeps apart; further ones are taken together
// as "other". It bounds the memory that senders of random names can use.
const MaxNames = 10_000

// Texts numbers texts in the order of their first sight. Number 0 is "other".
type Texts struct {
	numbers map[string]uint32
	texts   []string
	// recent are numbers by a rough hash of their texts: most texts come repeatedly, and comparing one is faster than the map.
	recent [64]uint32
}

// NewTexts returns an empty table.
func NewTexts() *Texts {
	return &Texts{numbers: map[string]uint32{}, texts: []string{OtherName}}
}

// Number of a text, which is copied when it is new.
func (t *Texts) Number(text string) uint32 {
	at := 0
	if len(text) > 0 {
		at = (len(text) + 3*int(text[0]) + 5*int(text[len(text)-1]) + 7*int(text[len(text)/2])) % len(t.recent)
	}
	if n := t.recent[at]; n != 0 && t.texts[n] == text {
		return n
	}
	if n, ok := t.numbers[text]; ok {
		t.recent[at] = n
		return n
	}
	if len(t.texts) > MaxNames {
		return 0
	}
	text = strings.Clone(text)
	n := uint32(len(t.texts))
	t.numbers[text] = n
	t.texts = append(t.texts, text)
	return n
}

// Text of a number that Number gave.
func (t *Texts) Text(number uint32) string { return t.texts[number] }
