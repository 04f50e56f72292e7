//! The manual page, `conduit(1)`.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::app::config::declaration::{Group, sections};

/// Returns one page for all commands and settings, as roff.
pub fn page(program: &Command, settings: &[Group]) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(program.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    commands(program).to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    settings_section(settings).to_writer(&mut page)?;
    Ok(page)
}

fn commands(program: &Command) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["COMMANDS"]);
    for command in program.get_subcommands() {
        section.control("SS", [command.get_name()]);
        let about = command.get_long_about().or(command.get_about());
        section.text([roman(about.map(ToString::to_string).unwrap_or_default())]);
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            section.control("TP", []).text([bold(usage(argument))]).text([roman(help)]);
        }
    }
    section
}

fn usage(argument: &Arg) -> String {
    let value = argument.get_value_names().unwrap_or_default().join(" ");
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value,
    }
}

fn settings_section(groups: &[Group]) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["SETTINGS"]);
    section.text([roman("Settings are read from the environment and, in lower case, from conduit.yaml.")]);
    section.text([roman("The environment takes precedence. An empty value means that the setting is absent.")]);
    for (title, settings) in sections(groups) {
        section.control("SS", [title]);
        for setting in settings {
            section.control("TP", []).text([bold(setting.name)]);
            section.text([roman(format!("{} [{}]", setting.about, setting.default_words()))]);
        }
    }
    section
}
