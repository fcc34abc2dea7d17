// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Purchases is the BG/NBD model. While alive, a customer buys at random at a rate that is gamma distributed over customers (shape R, scale Alpha in
// units of time). After each purchase, they leave permanently with a probability that is beta distributed (A, B).
type Purchases struct {
	R, Alpha, A, B float64
	// Unit is the number of ticks of a history in a unit of time: 7 for weeks, if histories are in days.
	Unit float64
}

// PurchasesFit is an estimate of the model and its quality.
type PurchasesFit struct {
	Purchases
	// LogLikelihood is the log-likelihood of all customers, with time in units.
	LogLikelihood float64
	// Customers is the number of customers, Repeaters the number of those who bought again.
	Customers, Repeaters int64
	// Errors are the standard errors of R, Alpha, A and B from the curvature of the likelihood; nil where it is flat.
	Errors []float64
	// AtEdge is set if the data do not determine the parameters, for example because nobody ever seems to leave. Predictions are those of the best
	// model; its parameters have no meaning by themselves.
	AtEdge bool
}

// minRepeaters is the smallest number of customers with a repeat purchase for an estimate of four parameters.
const minRepeaters = 10

// FitPurchases estimates the BG/NBD model by maximum likelihood. Unit is the number of ticks in a unit of time. It returns ErrTooFew for fewer
// than ten customers with repeat purchases or if no time has passed, or ErrNoMaximum.
//
// The log-likelihood of a customer (Fader, Hardie and Lee 2005, equation 6, with the larger terms factored out):
//
//	ln Γ(r+x)/Γ(r) + r ln α − (r+x) ln(α+T) + ln B(a,b+x)/B(a,b) + [x>0] ln(1 + a/(b+x−1) ((α+T)/(α+t_x))^(r+x))
//
// It is maximised over logarithms of the parameters, with time divided by the mean age, from three fixed starting points.
func FitPurchases(c *Customers, unit float64) (PurchasesFit, error) {
	ticks := c.points(1)
	var fit PurchasesFit
	var age, repeats float64
	for _, p := range ticks {
		fit.Customers += p.cell.customers
		age += p.age * float64(p.cell.customers)
		repeats += p.x * float64(p.cell.customers)
		if p.x > 0 {
			fit.Repeaters += p.cell.customers
		}
	}
	if !(unit > 0) || math.IsInf(unit, 1) || fit.Repeaters < minRepeaters || age <= 0 {
		return PurchasesFit{}, ErrTooFew
	}
	n := float64(fit.Customers)
	scale := age / n
	l := likelihood{points: c.points(scale), customers: n}
	best, err := minimise(l.slope, [][]float64{{0, 0, 0, 0}, {-1, -1, 0, 1}, {0, 1, -2, 1}})
	if err != nil {
		return PurchasesFit{}, err
	}
	fit.Purchases = Purchases{
		R: math.Exp(best.logs[0]), Alpha: math.Exp(best.logs[1]) * scale / unit, A: math.Exp(best.logs[2]), B: math.Exp(best.logs[3]), Unit: unit,
	}
	// A likelihood is a density over times, one for each repeat purchase, so its unit is that of time to the power −x.
	fit.LogLikelihood = -n*l.slope(nil, best.logs) - repeats*math.Log(scale/unit)
	fit.AtEdge = best.atEdge
	if best.errors != nil {
		for i, v := range []float64{fit.R, fit.Alpha, fit.A, fit.B} {
			fit.Errors = append(fit.Errors, v*best.errors[i]/math.Sqrt(n))
		}
	}
	return fit, nil
}

type likelihood struct {
	points    []point // in order of x
	customers float64
}

// slope returns minus the mean log-likelihood, and its gradient by the logarithms of r, α, a and b.
func (l *likelihood) slope(gradient, logs []float64) float64 {
	r, alpha, a, b := math.Exp(logs[0]), math.Exp(logs[1]), math.Exp(logs[2]), math.Exp(logs[3])
	var sum, dr, dAlpha, da, db float64
	var t terms
	for i, p := range l.points {
		if i == 0 || p.x != l.points[i-1].x {
			t = termsOf(r, a, b, p.x, gradient != nil)
		}
		w := float64(p.cell.customers)
		end := math.Log1p(p.age / alpha)
		v := t.log - (r+p.x)*end - p.x*logs[1]
		var share, gap, slower float64
		if p.x > 0 {
			gap = end - math.Log1p(p.last/alpha)
			e := logs[2] - math.Log(b+p.x-1) + (r+p.x)*gap
			v += softplus(e)
			share = 1 / (1 + math.Exp(-e))
			slower = 1/(alpha+p.age) - 1/(alpha+p.last)
		}
		sum += w * v
		if gradient == nil {
			continue
		}
		dr += w * (t.r - end + share*gap)
		dAlpha += w * (r/alpha - (r+p.x)/(alpha+p.age) + share*(r+p.x)*slower)
		da += w * (share/a - t.ab)
		db += w * (t.b - t.ab)
		if p.x > 0 {
			db -= w * share / (b + p.x - 1)
		}
	}
	if gradient != nil {
		gradient[0], gradient[1], gradient[2], gradient[3] = -dr*r/l.customers, -dAlpha*alpha/l.customers, -da*a/l.customers, -db*b/l.customers
	}
	return -sum / l.customers
}

// terms are the parts of the likelihood that depend only on the number of purchases, and their derivatives.
type terms struct{ log, r, b, ab float64 }

func termsOf(r, a, b, x float64, derivatives bool) terms {
	t := terms{log: risingLog(r, x) + risingLog(b, x) - risingLog(a+b, x)}
	if derivatives {
		t.r = mathext.Digamma(r+x) - mathext.Digamma(r)
		t.b = mathext.Digamma(b+x) - mathext.Digamma(b)
		t.ab = mathext.Digamma(a+b+x) - mathext.Digamma(a+b)
	}
	return t
}

// softplus returns ln(1 + eˣ).
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}
