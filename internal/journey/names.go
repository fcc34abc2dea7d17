// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "strings"

// MaxNames is the number of distinct texts, of one kind, that a run keeps apart; any further ones are counted as "other". It limits the memory that
// senders of random names can use.
const MaxNames = 10_000

// Texts numbers texts in the order in which they appear. Number 0 is "other".
type Texts struct {
	numbers map[string]uint32
	texts   []string
	// recent holds numbers by a cheap hash of their texts. Most texts repeat, and one comparison is faster than a map look-up.
	recent [64]uint32
}

// NewTexts returns an empty table.
func NewTexts() *Texts {
	return &Texts{numbers: map[string]uint32{}, texts: []string{OtherName}}
}

// Number returns the number of a text. A new text is copied.
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

// Text returns the text of a number that Number returned.
func (t *Texts) Text(number uint32) string { return t.texts[number] }
