//! `cxform stats --watch`: a table that lives on a terminal, and one piece of text after the other elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use super::{Read, Source, csv};
use crate::args::{Global, Wanted};
use crate::signals;
use crate::terminal::{Screen, colour_on_stdout, print, say};
use crate::views::stats::{self, History};
use crate::views::style::Palette;
use crate::views::text;

/// Reads until it is stopped. A reading that fails later on is told, and the next one is tried.
pub async fn run(source: &Source<'_>, global: &Global, interval: Duration) -> anyhow::Result<u8> {
    let mut ended = std::pin::pin!(signals::ended()?);
    let live = global.wanted == Wanted::Human && std::io::stdout().is_terminal();
    let palette = Palette::new(colour_on_stdout());
    let mut history = History::default();
    let mut last: Option<Read> = None;
    let mut screen = None;
    // Each reading is a moment; a slow one delays the next instead of piling up.
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let read = tokio::select! {
            () = &mut ended => break,
            read = async { ticks.tick().await; source.read().await } => read,
        };
        let trouble = match read {
            Ok(read) => {
                history.add(&read.campaigns);
                let first = last.is_none();
                if !live {
                    plain(source, global, &read, first)?;
                }
                last = Some(read);
                None
            }
            // What fails at the first try was asked for wrongly.
            Err(error) if last.is_none() => return Err(error),
            Err(error) => Some(text::causes(&error)),
        };
        match (&last, live) {
            (Some(read), true) => {
                let screen = match &mut screen {
                    Some(screen) => screen,
                    none => none.insert(Screen::open()?),
                };
                let told = format!("{} of {}", source.environment, source.session.tenant);
                let frame =
                    stats::frame(&told, read.at, interval, &read.campaigns, &history, trouble.as_deref(), palette);
                screen.show(&frame)?;
            }
            _ => {
                if let Some(trouble) = &trouble {
                    say(&format!("could not be read, tried again in {}: {trouble}", text::duration(interval)));
                }
            }
        }
    }
    drop(screen);
    if let (Some(read), true) = (&last, live) {
        print(&stats::table(&read.campaigns, palette))?;
    }
    Ok(0)
}

fn plain(source: &Source<'_>, global: &Global, read: &Read, first: bool) -> anyhow::Result<()> {
    let text = match global.wanted {
        Wanted::Json => serde_json::to_string(&source.document(read))? + "\n",
        Wanted::Csv => csv(&source.document(read), first)?,
        _ => stats::lines(read.at, &read.campaigns),
    };
    Ok(print(&text)?)
}
