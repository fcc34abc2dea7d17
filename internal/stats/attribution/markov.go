// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Removal is the result of the Markov chain for a channel.
type Removal struct {
	// Effect is the share of conversions that would be lost if everybody who comes to the channel left, from 0 to 1.
	Effect float64
	// Credit is the channel's part of the conversions. All conversions are shared in proportion to the effects.
	Credit float64
}

// Markov returns the removal effect and the credit of each channel, by its number. The credits sum to Conversions. It returns false if no path
// with a channel converted.
//
// The chain is of order 1: the next step of a path depends only on the current channel. With h(i) the probability of conversion from channel i,
// and N the matrix of expected visits, (I−Q)⁻¹ of the transitions Q between channels, the probability of ever reaching i from the start is
// N(start,i)/N(i,i), so that removing i loses
//
//	effect(i) = N(start,i)/N(i,i) · h(i) / h(start)
//
// of the conversions. This equals rebuilding the chain with all steps to i leading to nothing, with one inversion for all channels.
//
// Source: E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann, Mapping the customer journey: lessons learned from graph-based
// online attribution modeling, International Journal of Research in Marketing 33 (2016) 457–474.
func (t *Transitions) Markov() ([]Removal, bool) {
	if t.Conversions < 1 {
		return nil, false
	}
	n := t.channels
	stay, first, last := t.chain()
	var visits mat.Dense
	// Every channel of a path leads to an end, so the matrix has an inverse. A bad condition number is not an error here.
	if err := visits.Inverse(stay); err != nil && !finite(visits.RawMatrix().Data) {
		return nil, false
	}
	converts := mat.NewVecDense(n, nil)
	converts.MulVec(&visits, last)
	fromStart := mat.NewVecDense(n, nil)
	fromStart.MulVec(visits.T(), first)
	all := mat.Dot(first, converts)

	list := make([]Removal, n)
	sum := 0.0
	for i := range list {
		effect := fromStart.AtVec(i) / visits.At(i, i) * converts.AtVec(i) / all
		list[i].Effect = min(1, max(0, effect))
		sum += list[i].Effect
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		return nil, false
	}
	for i := range list {
		list[i].Credit = float64(t.Conversions) * (list[i].Effect / sum)
	}
	return list, true
}

// chain returns I−Q, the first steps from the start, and the last ones to conversion, as probabilities.
func (t *Transitions) chain() (stay *mat.Dense, first, last *mat.VecDense) {
	n := t.channels
	stay = mat.NewDense(n, n, nil)
	first, last = mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	for from := range n + 1 {
		row := t.counts[from*(n+2) : (from+1)*(n+2)]
		total := 0.0
		for _, count := range row {
			total += float64(count)
		}
		if from < n {
			stay.Set(from, from, 1)
		}
		if total == 0 {
			continue // a channel on no path
		}
		for to := range n {
			p := float64(row[to]) / total
			switch {
			case from == t.start():
				first.SetVec(to, p)
			case to != from:
				stay.Set(from, to, -p)
			}
		}
		if from < n {
			last.SetVec(from, float64(row[t.conversion()])/total)
		}
	}
	return stay, first, last
}

func finite(list []float64) bool {
	for _, v := range list {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return len(list) > 0
}
