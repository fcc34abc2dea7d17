// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package order

import (
	"fmt"
	"slices"
)

// Stages proposes stages of the events, which are in the order of Candidates, and returns them in the order of the journey. The others are left out, each
// with the reason.
func Stages(events []Event, p *Pairs) (stages []int, out []LeftOut) {
	left := make([]int, len(events))
	for i := range events {
		left[i] = i
	}
	drop := func(e int, why string) {
		out = append(out, LeftOut{events[e], why})
		left = slices.DeleteFunc(left, func(x int) bool { return x == e })
	}
	for {
		if e, why := alone(left, p); e >= 0 {
			drop(e, why)
			continue
		}
		stages = stages[:0]
		for _, i := range median(p.in(left)) {
			stages = append(stages, left[i])
		}
		if e, why := misplaced(events, stages, p); e >= 0 {
			drop(e, why)
			continue
		}
		if len(stages) > 1 && !leads(events, stages[0], stages[1], p) {
			first, second := stages[0], stages[1]
			drop(first, fmt.Sprintf("the journey does not begin with it: of %s who met %q, %d met it before", people(events[second].Customers),
				events[second].Name, p.Before(first, second)))
			continue
		}
		if len(left) > MaxStages {
			drop(left[len(left)-1], fmt.Sprintf("%d stages have more customers", MaxStages))
			continue
		}
		return stages, out
	}
}

// leads reports whether at least half of the customers who met an event met another one before.
func leads(events []Event, before, event int, p *Pairs) bool {
	return 2*p.Before(before, event) >= events[event].Customers
}

// Optional reports whether stage i can be skipped: it is neither the first nor the last, and most customers who met the stage behind it had not met it.
func Optional(events []Event, stages []int, i int, p *Pairs) bool {
	return i > 0 && i < len(stages)-1 && !leads(events, stages[i], stages[i+1], p)
}

// alone returns the event of the fewest customers that nobody met together with another one, so that its place is unknown; -1 if there is none. Of two
// events without common customers, that with more customers stays.
func alone(left []int, p *Pairs) (event int, why string) {
	for i := len(left) - 1; i > 0; i-- {
		if !slices.ContainsFunc(left, func(x int) bool { return x != left[i] && p.Both(x, left[i]) > 0 }) {
			return left[i], "no customer met it and the event of another stage, so its place is unknown"
		}
	}
	return -1, ""
}

// misplaced returns the event that fits least into an order; -1 if all pairs agree with it. Of the pair of stages that the fewest customers met in the
// order, it is the event with which fewer customers agree elsewhere.
func misplaced(events []Event, stages []int, p *Pairs) (event int, why string) {
	a, b := -1, -1
	for i, x := range stages {
		for _, y := range stages[i+1:] {
			both := p.Both(x, y)
			if both == 0 || 100*p.Before(x, y) >= agree*both {
				continue
			}
			// The share of x and y is compared with that of a and b without a division.
			if a < 0 || p.Before(x, y)*p.Both(a, b) < p.Before(a, b)*both {
				a, b = x, y
			}
		}
	}
	if a < 0 {
		return -1, ""
	}
	event, other := a, b
	agreedA, ofA := agreement(stages, a, b, p)
	agreedB, ofB := agreement(stages, b, a, p)
	if less := agreedB*ofA - agreedA*ofB; less < 0 || less == 0 && b > a {
		event, other = b, a
	}
	both := p.Both(a, b)
	if 2*p.same[a][b] > both {
		return event, fmt.Sprintf("%d of %s met it at the same time as %q", p.same[a][b], people(both), events[other].Name)
	}
	return event, fmt.Sprintf("it has no fixed place: of %s who met it and %q, %d met it first and %d second", people(both), events[other].Name,
		p.Before(event, other), p.Before(other, event))
}

// people returns a number of customers in words.
func people(n int64) string {
	if n == 1 {
		return "1 customer"
	}
	return fmt.Sprintf("%d customers", n)
}

// agreement returns how many pairs of customers and stages agree with the place of an event, and their number, without those of one stage.
func agreement(stages []int, event, without int, p *Pairs) (agreed, of int64) {
	behind := false
	for _, x := range stages {
		switch {
		case x == event:
			behind = true
		case x == without:
		case behind:
			agreed, of = agreed+p.Before(event, x), of+p.Both(event, x)
		default:
			agreed, of = agreed+p.Before(x, event), of+p.Both(event, x)
		}
	}
	return agreed, max(of, 1)
}
