// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Errors of an estimate.
var (
	// ErrTooFew means that there are not enough customers with repeat purchases, or with different ones, for an estimate.
	ErrTooFew = errors.New("too few customers with repeat purchases")
	// ErrNoMaximum means that the search did not converge.
	ErrNoMaximum = errors.New("the likelihood has no maximum that could be found")
)

const (
	// tolerance is the largest slope of the mean log-likelihood, by the logarithm of any parameter, that counts as flat.
	tolerance = 1e-7
	// edge is the largest meaningful logarithm of a parameter, in scaled units: e¹⁰ is about 22,000. Likelihoods without an interior maximum (nobody
	// ever leaves; all purchases cost the same) increase forever; beyond the edge, a small penalty stops them.
	edge = 10
	// fence is the slope of that penalty.
	fence = 1e-3
)

// slope computes minus the mean log-likelihood at logarithms of parameters and, if gradient is not nil, its gradient.
type slope func(gradient, logs []float64) float64

// maximum is the result of a search.
type maximum struct {
	logs []float64
	// errors are the standard errors of the logarithms times the root of the number of customers; nil at the edge.
	errors []float64
	atEdge bool
}

// minimise finds the minimum of f from the best of the starting points: BFGS with the exact gradient, then Newton's steps until the gradient is as
// small as floats allow. The result therefore does not depend on where the search stopped.
func minimise(f slope, starts [][]float64) (maximum, error) {
	fenced := func(gradient, logs []float64) float64 {
		v := f(gradient, logs)
		for i, x := range logs {
			if over := math.Abs(x) - edge; over > 0 {
				v += fence * over * over
				if gradient != nil {
					gradient[i] += 2 * fence * math.Copysign(over, x)
				}
			}
		}
		return v
	}
	var best []float64
	lowest := math.Inf(1)
	for _, start := range starts {
		logs := polish(fenced, descend(fenced, start))
		gradient := make([]float64, len(logs))
		v := fenced(gradient, logs)
		if floats.Norm(gradient, math.Inf(1)) <= tolerance && v < lowest {
			best, lowest = logs, v
		}
	}
	if best == nil {
		return maximum{}, ErrNoMaximum
	}
	m := maximum{logs: best, atEdge: floats.Norm(best, math.Inf(1)) > edge}
	if !m.atEdge {
		m.errors = standardErrors(fenced, best)
	}
	return m, nil
}

func descend(f slope, start []float64) []float64 {
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return f(nil, x) },
		Grad: func(grad, x []float64) { f(grad, x) },
	}
	settings := &optimize.Settings{
		GradientThreshold: 1e-8, MajorIterations: 2000, FuncEvaluations: 20_000,
		Converger: &optimize.FunctionConverge{Absolute: 1e-15, Iterations: 20},
	}
	// A line search that ends at the precision of floats is reported as an error. Only the slope at its end matters.
	r, _ := optimize.Minimize(problem, start, settings, &optimize.BFGS{})
	if r == nil {
		return start
	}
	return r.X
}

// polish makes Newton's steps while they make the gradient smaller.
func polish(f slope, logs []float64) []float64 {
	gradient := make([]float64, len(logs))
	f(gradient, logs)
	for range 50 {
		var step mat.VecDense
		if err := step.SolveVec(hessian(f, logs), mat.NewVecDense(len(logs), gradient)); err != nil {
			return logs
		}
		next := make([]float64, len(logs))
		floats.SubTo(next, logs, step.RawVector().Data)
		after := make([]float64, len(logs))
		v := f(after, next)
		if math.IsNaN(v) || !(floats.Norm(after, 2) < floats.Norm(gradient, 2)) {
			return logs
		}
		logs, gradient = next, after
	}
	return logs
}

// hessian uses central differences of the exact gradient.
func hessian(f slope, logs []float64) *mat.SymDense {
	const step = 1e-4
	n := len(logs)
	h := mat.NewDense(n, n, nil)
	at := append([]float64(nil), logs...)
	up, down := make([]float64, n), make([]float64, n)
	for i := range n {
		at[i] = logs[i] + step
		f(up, at)
		at[i] = logs[i] - step
		f(down, at)
		at[i] = logs[i]
		for j := range n {
			h.Set(i, j, (up[j]-down[j])/(2*step))
		}
	}
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, (h.At(i, j)+h.At(j, i))/2)
		}
	}
	return s
}

func standardErrors(f slope, logs []float64) []float64 {
	var inverse mat.Dense
	if err := inverse.Inverse(hessian(f, logs)); err != nil {
		return nil
	}
	list := make([]float64, len(logs))
	for i := range list {
		v := inverse.At(i, i)
		if !(v > 0) || math.IsInf(v, 1) {
			return nil
		}
		list[i] = math.Sqrt(v)
	}
	return list
}

// risingLog returns ln Γ(z+n) − ln Γ(z) for z > 0, n ≥ 0, without the cancellation of two large logarithms.
func risingLog(z, n float64) float64 {
	if z < 30 {
		a, _ := math.Lgamma(z + n)
		b, _ := math.Lgamma(z)
		return a - b
	}
	// Stirling's series; the omitted terms are below 1e-13 here.
	rest := func(z float64) float64 { return 1/(12*z) - 1/(360*z*z*z) + 1/(1260*z*z*z*z*z) }
	return (z-0.5)*math.Log1p(n/z) + n*(math.Log(z+n)-1) + rest(z+n) - rest(z)
}
