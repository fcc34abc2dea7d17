// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Line compares one number.
type Line struct {
	// Object and What identify the number.
	Object, What string
	// Value is the value in the status, Truth the expected one.
	Value, Truth string
	// OK is set if they agree. Note says why they can differ a little, or adds other information.
	OK   bool
	Note string
}

// Table of lines.
type Table struct {
	Lines  []Line
	object string
}

// Wrong returns the number of lines that do not agree.
func (t *Table) Wrong() int {
	n := 0
	for _, l := range t.Lines {
		if !l.OK {
			n++
		}
	}
	return n
}

// Print writes the table, or only the lines that do not agree.
func (t *Table) Print(w io.Writer, onlyWrong bool) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "OBJECT\tWHAT\tVALUE\tTRUTH\t\t")
	for _, l := range t.Lines {
		if l.OK && onlyWrong {
			continue
		}
		mark := "✓"
		if !l.OK {
			mark = "✗"
		}
		fmt.Fprintln(tab, strings.Join([]string{l.Object, l.What, l.Value, l.Truth, mark, l.Note}, "\t"))
	}
	return tab.Flush()
}

func (t *Table) add(what, value, truth string, ok bool, note string) {
	t.Lines = append(t.Lines, Line{Object: t.object, What: what, Value: value, Truth: truth, OK: ok, Note: note})
}

// count compares two counts that can differ by the number of persons or events whose time depends on the sending.
func (t *Table) count(what string, value, truth, unsure int64) {
	diff := value - truth
	if diff < 0 {
		diff = -diff
	}
	note := ""
	if diff > 0 && diff <= unsure {
		note = fmt.Sprintf("%d are so close to an edge that the time of sending decides", unsure)
	}
	t.add(what, strconv.FormatInt(value, 10), strconv.FormatInt(truth, 10), diff <= unsure, note)
}

// decimal compares a number in text with a fraction: it has to equal the fraction, rounded to the digits of the text. It can differ by as much as the
// unsure persons among the samples account for.
func (t *Table) decimal(what, value string, truth *big.Rat, unsure, samples int64) {
	if truth == nil {
		t.add(what, value, "", value == "", "")
		return
	}
	digits := 0
	if _, fraction, ok := strings.Cut(value, "."); ok {
		digits = len(fraction)
	}
	shown := truth.FloatString(max(digits, 1))
	if digits == 0 {
		shown = truth.RatString()
	}
	got, ok := new(big.Rat).SetString(value)
	if !ok {
		t.add(what, value, shown, false, "no number")
		return
	}
	diff := new(big.Rat).Sub(got, truth)
	half := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Mul(big.NewInt(2), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
	agrees := diff.Abs(diff).Cmp(half) <= 0
	note := ""
	if !agrees && unsure > 0 && samples > 0 {
		slack := new(big.Rat).Mul(big.NewRat(2*unsure, samples), new(big.Rat).Add(new(big.Rat).Abs(truth), big.NewRat(1, 1)))
		if agrees = diff.Cmp(slack.Add(slack, half)) <= 0; agrees {
			note = fmt.Sprintf("%d are so close to an edge that the time of sending decides", unsure)
		}
	}
	t.add(what, value, shown, agrees, note)
}

func (t *Table) text(what, value, truth string) { t.add(what, value, truth, value == truth, "") }
