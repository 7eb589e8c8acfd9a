//! Window functions: a listed call over the rows around.

use sqlparser::ast::{
    Expr as Tree, Spanned as _, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec,
    WindowType,
};
use sqlparser::tokenizer::Span;

use super::order::ordering;
use super::scope::Lowering;
use super::{Frame, FrameBound, FrameUnits, OrderKey, Refusal, Term, Window};

impl Lowering<'_> {
    /// Lowers what stands after OVER. Where such a call may stand is for Postgres to say, which
    /// is asked when the file is read.
    pub(super) fn window(
        &mut self,
        call: Term,
        over: &WindowType,
        span: Span,
    ) -> Result<Term, Refusal> {
        let WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by,
            order_by,
            window_frame,
        }) = over
        else {
            let help = "write it out: OVER (PARTITION BY … ORDER BY …)";
            return Err(Refusal::construct(span, "a named window", help));
        };
        if matches!(call, Term::Call { distinct: true, .. }) {
            return Err(Refusal::construct(span, "DISTINCT with OVER", "remove it"));
        }
        let mut order = Vec::new();
        for key in order_by {
            let term = self.term(&key.expr)?;
            order.push(ordering(key, OrderKey::Term(term), key.expr.span())?);
        }
        let mut partition = Vec::new();
        for key in partition_by {
            partition.push(self.term(key)?);
        }
        let frame = window_frame.as_ref();
        Ok(Term::Window(Box::new(Window {
            call,
            partition,
            order,
            frame: frame.map(|it| self.frame(it, span)).transpose()?,
        })))
    }

    fn frame(&mut self, frame: &WindowFrame, span: Span) -> Result<Frame, Refusal> {
        let WindowFrame {
            units,
            start_bound,
            end_bound,
        } = frame;
        let units = match units {
            WindowFrameUnits::Rows => FrameUnits::Rows,
            WindowFrameUnits::Range => FrameUnits::Range,
            WindowFrameUnits::Groups => FrameUnits::Groups,
        };
        let start = self.bound(start_bound, units, span)?;
        let end = end_bound.as_ref();
        let end = end.map(|it| self.bound(it, units, span)).transpose()?;
        Ok(Frame { units, start, end })
    }

    fn bound(
        &mut self,
        bound: &WindowFrameBound,
        units: FrameUnits,
        span: Span,
    ) -> Result<FrameBound, Refusal> {
        Ok(match bound {
            WindowFrameBound::CurrentRow => FrameBound::CurrentRow,
            WindowFrameBound::Preceding(None) => FrameBound::UnboundedPreceding,
            WindowFrameBound::Following(None) => FrameBound::UnboundedFollowing,
            WindowFrameBound::Preceding(Some(distance)) => {
                FrameBound::Preceding(self.distance(distance, units, span)?)
            }
            WindowFrameBound::Following(Some(distance)) => {
                FrameBound::Following(self.distance(distance, units, span)?)
            }
        })
    }

    /// A distance in a RANGE would be computed by a function of the key's type.
    fn distance(&mut self, tree: &Tree, units: FrameUnits, span: Span) -> Result<Term, Refusal> {
        match self.term(tree)? {
            term @ (Term::Number(_) | Term::Param(_)) if units != FrameUnits::Range => Ok(term),
            _ => {
                let help = "count in ROWS or GROUPS, by a number or a parameter";
                Err(Refusal::construct(span, "this end of a frame", help))
            }
        }
    }
}
