// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/journeyman-dev/journeyman/internal/stats/grid"
)

// microUnits is the number of micro-units in a unit of money.
const microUnits = 1e6

// Spending is the gamma-gamma model: the value of a purchase is gamma distributed (shape P) around a customer's own mean, whose inverse scale is
// gamma distributed over customers (shape Q, scale Gamma in units of money). It assumes that how much customers spend is independent of how often;
// Correlation measures the deviation from that.
type Spending struct{ P, Q, Gamma float64 }

// SpendingFit is an estimate of the model and its quality.
type SpendingFit struct {
	Spending
	// LogLikelihood is the log-likelihood of the mean values of the customers, with money in units.
	LogLikelihood float64
	// Customers is the number of customers with repeat purchases of known value.
	Customers int64
	// Correlation is Pearson's correlation between the number and the mean value of repeat purchases; 0 if one of them does not vary.
	Correlation float64
	// Errors are the standard errors of P, Q and Gamma; nil where the likelihood is flat.
	Errors []float64
	// AtEdge is set if the data do not determine the parameters, for example because every purchase has the same value.
	AtEdge bool
}

// FitSpending estimates the gamma-gamma model by maximum likelihood from the customers with repeat purchases of known value. It returns ErrTooFew
// for fewer than ten of them, or ErrNoMaximum.
//
// The log-likelihood of a customer with x purchases of mean z̄ (Fader and Hardie, note 025; s = x z̄):
//
//	ln Γ(px+q)/Γ(px) − ln Γ(q) − q ln((γ+s)/γ) + p x ln(s/(γ+s)) − ln z̄
func FitSpending(c *Customers) (SpendingFit, error) {
	cells := c.spending.Cells(func(a, b spend) int {
		return cmp.Or(cmp.Compare(a.repeat, b.repeat), cmp.Compare(a.total, b.total))
	})
	l := spendLikelihood{list: make([]spent, len(cells))}
	var fit SpendingFit
	var money, purchases float64
	for i, e := range cells {
		s := spent{x: float64(e.Key.repeat), total: grid.Middle(e.Key.total, c.spending.Level()), customers: float64(e.Value)}
		l.list[i] = s
		l.customers += s.customers
		money += s.total * s.customers
		purchases += s.x * s.customers
		fit.Customers += int64(e.Value)
	}
	if fit.Customers < minRepeaters {
		return SpendingFit{}, ErrTooFew
	}
	scale := money / purchases
	for i := range l.list {
		l.list[i].total /= scale
	}
	best, err := minimise(l.slope, [][]float64{{0, 0, 0}, {1.5, 1, 1}})
	if err != nil {
		return SpendingFit{}, err
	}
	units := scale / microUnits
	fit.Spending = Spending{P: math.Exp(best.logs[0]), Q: math.Exp(best.logs[1]), Gamma: math.Exp(best.logs[2]) * units}
	fit.LogLikelihood = -l.customers * (l.slope(nil, best.logs) + math.Log(units))
	fit.Correlation = l.correlation()
	fit.AtEdge = best.atEdge
	if best.errors != nil {
		for i, v := range []float64{fit.P, fit.Q, fit.Gamma} {
			fit.Errors = append(fit.Errors, v*best.errors[i]/math.Sqrt(l.customers))
		}
	}
	return fit, nil
}

// spent is a number of customers with x purchases and the same total, in units of the mean value of a purchase.
type spent struct{ x, total, customers float64 }

type spendLikelihood struct {
	list      []spent // in order of x
	customers float64
}

// slope returns minus the mean log-likelihood, and its gradient by the logarithms of p, q and γ.
func (l *spendLikelihood) slope(gradient, logs []float64) float64 {
	p, q, gamma := math.Exp(logs[0]), math.Exp(logs[1]), math.Exp(logs[2])
	gammaQ, _ := math.Lgamma(q)
	digammaQ := mathext.Digamma(q)
	var sum, dp, dq, dGamma, rising, atSum, atX float64
	for i, s := range l.list {
		if i == 0 || s.x != l.list[i-1].x {
			rising = risingLog(p*s.x, q)
			if gradient != nil {
				atSum, atX = mathext.Digamma(p*s.x+q), mathext.Digamma(p*s.x)
			}
		}
		below, above := math.Log1p(gamma/s.total), math.Log1p(s.total/gamma)
		sum += s.customers * (rising - gammaQ - q*above - p*s.x*below - math.Log(s.total/s.x))
		dp += s.customers * s.x * (atSum - atX - below)
		dq += s.customers * (atSum - digammaQ - above)
		dGamma += s.customers * (q/gamma - (p*s.x+q)/(gamma+s.total))
	}
	if gradient != nil {
		gradient[0], gradient[1], gradient[2] = -dp*p/l.customers, -dq*q/l.customers, -dGamma*gamma/l.customers
	}
	return -sum / l.customers
}

func (l *spendLikelihood) correlation() float64 {
	var x, z float64
	for _, s := range l.list {
		x += s.customers * s.x
		z += s.customers * s.total / s.x
	}
	x, z = x/l.customers, z/l.customers
	var xx, zz, xz float64
	for _, s := range l.list {
		dx, dz := s.x-x, s.total/s.x-z
		xx += s.customers * dx * dx
		zz += s.customers * dz * dz
		xz += s.customers * dx * dz
	}
	if xx <= 0 || zz <= 0 {
		return 0
	}
	return xz / math.Sqrt(xx*zz)
}

// Mean returns the expected value of a purchase of any customer, pγ/(q−1), in units of money. It returns false for q ≤ 1, where the tail of the
// distribution is too heavy for a mean.
func (s Spending) Mean() (float64, bool) { return s.expected(0, 0) }

// Expected returns the expected value of a purchase of a customer with that many repeat purchases and their total in micro-units; the result is in
// units of money. It is between the customer's own mean and that of all: (γ + x z̄) p / (px + q − 1), note 025. It returns false where it is
// undefined: px + q ≤ 1, or a negative argument.
func (s Spending) Expected(repeat, total int64) (float64, bool) {
	if repeat < 0 || total < 0 {
		return 0, false
	}
	return s.expected(float64(repeat), float64(total)/microUnits)
}

func (s Spending) expected(x, total float64) (float64, bool) {
	over := s.P*x + s.Q - 1
	if !(over > 0) {
		return 0, false
	}
	return s.P * (s.Gamma + total) / over, true
}
