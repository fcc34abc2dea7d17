// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"
)

// integrate uses the five-point Gauss–Legendre rule on many panels.
func integrate(low, high float64, panels int, f func(float64) float64) float64 {
	nodes := [5]float64{0, 0.5384693101056831, -0.5384693101056831, 0.9061798459386640, -0.9061798459386640}
	weights := [5]float64{128.0 / 225, 0.4786286704993665, 0.4786286704993665, 0.2369268850561891, 0.2369268850561891}
	sum, half := 0.0, (high-low)/float64(2*panels)
	for i := range panels {
		middle := low + half*float64(2*i+1)
		for j, x := range nodes {
			sum += weights[j] * f(middle+half*x)
		}
	}
	return sum * half
}

// byIntegration averages f over the gamma distributed rates and beta distributed probabilities of leaving of the model, with substitutions that are
// smooth at the ends.
func byIntegration(m Purchases, f func(rate, leave float64) float64) float64 {
	lr, _ := math.Lgamma(m.R)
	beta := mathext.Lbeta(m.A, m.B)
	return integrate(-22, 4, 80, func(l float64) float64 { // rate = exp(l) R / Alpha
		rate := math.Exp(l) * m.R / m.Alpha
		density := math.Exp(m.R*math.Log(m.Alpha) + m.R*math.Log(rate) - m.Alpha*rate - lr) // times rate, for dl
		return density * integrate(-25, 25, 40, func(v float64) float64 {                   // leave = 1/(1+exp(-v))
			leave, stay := 1/(1+math.Exp(-v)), 1/(1+math.Exp(v))
			return math.Exp(m.A*math.Log(leave)+m.B*math.Log(stay)-beta) * f(rate, leave)
		})
	})
}

// seen returns the likelihood of a history of a customer with a known rate and probability of leaving: alive until the end, or gone after the last
// purchase.
func seen(x, last, age, rate, leave float64) float64 {
	alive := math.Pow((1-leave)*rate, x) * math.Exp(-rate*age)
	if x == 0 {
		return alive
	}
	return alive + leave*math.Pow(1-leave, x-1)*math.Pow(rate, x)*math.Exp(-rate*last)
}

var someModels = []Purchases{
	{R: 0.9, Alpha: 4.4, A: 0.8, B: 2.4, Unit: 1},
	{R: 2, Alpha: 10, A: 1, B: 3, Unit: 1},
	{R: 1.5, Alpha: 3, A: 1.7, B: 1.2, Unit: 1},
}

// Compares likelihood, probability of being alive and expected purchases with integrals over the assumptions of the model, without formulas of the
// papers.
func TestLikelihoodByIntegration(t *testing.T) {
	for _, m := range someModels {
		for _, h := range []History{{0, 0, 0}, {0, 0, 20}, {1, 3, 20}, {2, 20, 20}, {6, 15, 30}} {
			x, last, age := float64(h.Repeat), float64(h.Last), float64(h.Age)
			l := likelihood{points: []point{{x: x, last: last, age: age, cell: cell{customers: 1}}}, customers: 1}
			logs := []float64{math.Log(m.R), math.Log(m.Alpha), math.Log(m.A), math.Log(m.B)}
			want := byIntegration(m, func(rate, leave float64) float64 { return seen(x, last, age, rate, leave) })
			require.InEpsilon(t, want, math.Exp(-l.slope(nil, logs)), 1e-5, "%+v %+v", m, h)

			alive := byIntegration(m, func(rate, leave float64) float64 {
				return math.Pow((1-leave)*rate, x) * math.Exp(-rate*age)
			})
			require.InEpsilon(t, alive/want, m.Alive(h), 1e-5)

			const ahead = 25.0
			bought := byIntegration(m, func(rate, leave float64) float64 {
				return math.Pow((1-leave)*rate, x) * math.Exp(-rate*age) * -math.Expm1(-rate*leave*ahead) / leave
			})
			require.InEpsilon(t, bought/want, m.Expected(h, ahead), 1e-5)
		}
	}
}

// (α/(α+T))^r for a customer without repeat purchases; r α^r b/(a+b) ((α+T)^-(r+1) + a/b (α+t)^-(r+1)) for one repeat purchase.
func TestLikelihoodByHand(t *testing.T) {
	l := likelihood{points: []point{{age: 3, cell: cell{customers: 2}}}, customers: 2}
	logs := []float64{math.Log(2), 0, math.Log(1), math.Log(3)}
	require.InDelta(t, -2*math.Log(0.25), l.slope(nil, logs), 1e-14)
	l = likelihood{points: []point{{x: 1, last: 1, age: 3, cell: cell{customers: 5}}}, customers: 5}
	require.InDelta(t, -math.Log(2*0.75*(1.0/64+1.0/3/8)), l.slope(nil, logs), 1e-14)
}

// Compares with equation 10 and its hypergeometric function, where it is well-conditioned.
func TestExpectedAsInThePaper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawPurchases(t, 0.05, 20)
		if math.Abs(m.A-1) < 0.05 {
			m.A += 0.1
		}
		p := point{x: float64(rapid.IntRange(0, 30).Draw(t, "x")), age: rapid.Float64Range(0, 100).Draw(t, "age")}
		ahead := rapid.Float64Range(0.5, 100).Draw(t, "ahead")
		z := ahead / (m.Alpha + p.age + ahead)
		if z > 0.9 { // the series of the paper converges slowly there
			t.Skip("beyond the reference's reach")
		}
		f := mathext.Hypergeo(m.R+p.x, m.B+p.x, m.A+m.B+p.x-1, z)
		want := (m.A + m.B + p.x - 1) / (m.A - 1) * (1 - math.Pow((m.Alpha+p.age)/(m.Alpha+p.age+ahead), m.R+p.x)*f)
		if m.A+m.B+p.x-1 < 0.01 || math.Abs(want) < 1e-4 {
			t.Skip("beyond the reference's reach")
		}
		require.InEpsilon(t, want, m.whileAlive(p, ahead), 1e-6, "%+v %+v %v", m, p, ahead)
	})
}

func drawPurchases(t *rapid.T, low, high float64) Purchases {
	draw := func(name string) float64 {
		return math.Exp(rapid.Float64Range(math.Log(low), math.Log(high)).Draw(t, name))
	}
	return Purchases{R: draw("r"), Alpha: draw("alpha"), A: draw("a"), B: draw("b"), Unit: 1}
}

// Compares the gradients with differences of the likelihood.
func TestGradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := likelihood{customers: 6}
		for range 3 {
			p := point{x: float64(rapid.IntRange(0, 20).Draw(t, "x")), age: rapid.Float64Range(0.01, 3).Draw(t, "age"), cell: cell{customers: 2}}
			if p.x > 0 {
				p.last = p.age * rapid.Float64Range(0, 1).Draw(t, "last")
			}
			l.points = append(l.points, p)
		}
		requireGradient(t, l.slope, 4)
		s := spendLikelihood{customers: 6}
		for range 3 {
			x := float64(rapid.IntRange(1, 20).Draw(t, "bought"))
			s.list = append(s.list, spent{x: x, total: rapid.Float64Range(0.01, 50).Draw(t, "total"), customers: 2})
		}
		requireGradient(t, s.slope, 3)
	})
}

func requireGradient(t *rapid.T, f slope, n int) {
	logs, gradient := make([]float64, n), make([]float64, n)
	for i := range logs {
		logs[i] = rapid.Float64Range(-3, 3).Draw(t, "log")
	}
	f(gradient, logs)
	for i := range logs {
		const step = 1e-5
		at := logs[i]
		logs[i] = at + step
		up := f(nil, logs)
		logs[i] = at - step
		down := f(nil, logs)
		logs[i] = at
		require.InDelta(t, (up-down)/(2*step), gradient[i], 1e-5*max(1, math.Abs(gradient[i])))
	}
}

func TestRisingLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := math.Exp(rapid.Float64Range(-5, 6).Draw(t, "z"))
		n := rapid.IntRange(0, 300).Draw(t, "n")
		want := 0.0
		for i := range n {
			want += math.Log(z + float64(i))
		}
		require.InDelta(t, want, risingLog(z, float64(n)), 1e-11*max(1, math.Abs(want)))
	})
	require.InEpsilon(t, 2*math.Log(1e12), risingLog(1e12, 2), 1e-13)
}
