//! The form of a setting, and the macro that declares each one in a single place.

use std::fmt::Write;

/// Set of defaults and rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Lenient and readable, for development.
    Dev,
    /// Strict, for production.
    Prod,
}

/// Setting with one name in the environment (`PORT`) and the same in lower case in YAML (`port`).
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Environment variable.
    pub name: &'static str,
    /// Value of an absent setting.
    pub default: DefaultValue,
    /// Help text, in one line.
    pub about: &'static str,
}

/// Value of an absent setting.
#[derive(Debug, Clone, Copy)]
pub enum DefaultValue {
    /// Parsed like any other value; an empty one means "none".
    Fixed(&'static str),
    /// Such a text for each profile.
    PerProfile {
        /// In development.
        dev: &'static str,
        /// In production.
        prod: &'static str,
    },
    /// Computed by the parser from an empty text; `--help` shows this description instead.
    Computed(&'static str),
}

/// Settings under one heading of `--help`.
#[derive(Debug)]
pub struct Group {
    /// Heading, which successive groups may share.
    pub title: &'static str,
    /// Settings, in the order of `--help`.
    pub settings: &'static [Setting],
}

impl Setting {
    /// Returns the key in YAML.
    pub fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// Returns the text to parse if the setting is absent.
    pub fn default_text(&self, profile: Profile) -> &'static str {
        match (self.default, profile) {
            (DefaultValue::Fixed(text), _) => text,
            (DefaultValue::PerProfile { dev, .. }, Profile::Dev) => dev,
            (DefaultValue::PerProfile { prod, .. }, Profile::Prod) => prod,
            (DefaultValue::Computed(_), _) => "",
        }
    }

    /// Returns the default as `--help` describes it.
    pub fn default_words(&self) -> String {
        let or_none = |text: &'static str| if text.is_empty() { "none" } else { text };
        match self.default {
            DefaultValue::Fixed(text) => format!("default: {}", or_none(text)),
            DefaultValue::PerProfile { dev, prod } => {
                format!("default: {} in dev, {} in prod", or_none(dev), or_none(prod))
            }
            DefaultValue::Computed(words) => words.to_owned(),
        }
    }
}

/// Returns each heading with its settings.
pub fn sections(groups: &[Group]) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static Setting>)> {
    let sections = groups.chunk_by(|group, next| group.title == next.title);
    sections.filter_map(|groups| Some((groups.first()?.title, groups.iter().flat_map(|group| group.settings))))
}

/// Returns the settings as text for `--help`: one line each, in aligned columns.
pub fn help(groups: &[Group]) -> String {
    let settings = groups.iter().flat_map(|group| group.settings);
    let width = settings.map(|setting| setting.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (title, settings) in sections(groups) {
        let _ = writeln!(text, "  {title}:"); // writing to a String cannot fail
        for setting in settings {
            let (name, about, default) = (setting.name, setting.about, setting.default_words());
            let _ = writeln!(text, "    {name:width$}  {about} [{default}]");
        }
    }
    text
}

/// Declares settings, with all that belongs to each in one place, as `settings.rs` shows.
///
/// - The first block holds the settings that are read before the others.
/// - A help text is also the documentation of the field.
/// - A `struct` is generated with its fields; an `extern` one exists already, in an adapter.
/// - A parser may depend on `reader.profile`.
/// - A rule compares several values and blames one setting. It runs even if other settings are
///   invalid, so that one start reports every mistake.
macro_rules! declare_settings {
    (
        |$reader:ident|
        $early_title:literal { $($(#[doc = $early_about:literal])+ $early:ident = $early_default:expr;)+ }
        $(
            $(#[doc = $purpose:literal])*
            $title:literal $kind:ident $group:ident {
                $($(#[doc = $about:literal])+ $name:ident = $default:expr => $field:ident: $type:ty, $parser:expr;)+
                $(rule $blamed:ident: $rule:ident($($input:ident),+);)*
            }
        )+
    ) => {
        $(declare_settings!(@constant $early, $early_default, $($early_about)+);)+
        $($(declare_settings!(@constant $name, $default, $($about)+);)+)+

        /// Every setting, in groups.
        pub const GROUPS: &[Group] = &[
            Group { title: $early_title, settings: &[$($early),+] },
            $(Group { title: $title, settings: &[$($name),+] }),+
        ];

        $(
            declare_settings!(
                @define $kind $(#[doc = $purpose])*
                $group { $($(#[doc = $about])+ $name $field: $type,)+ }
            );

            impl SettingsGroup for $group {
                fn read($reader: &mut Reader) -> Option<Self> {
                    $(let $field = $reader.get::<$type>(&$name, $parser);)+
                    $(if let ($(Some($input),)+) = ($(&$input,)+) {
                        $reader.check(&$blamed, $rule($($input),+));
                    })*
                    Some(Self { $($field: $field?),+ })
                }
            }
        )+
    };

    (@constant $name:ident, $default:expr, $($about:literal)+) => {
        #[allow(rustdoc::broken_intra_doc_links)] // a help text is not Markdown
        $(#[doc = $about])+
        pub const $name: Setting = Setting {
            name: stringify!($name),
            default: $default,
            about: concat!($($about),+).trim_ascii_start(), // each line of a doc comment begins with a space
        };
    };

    (@define struct $(#[doc = $purpose:literal])* $group:ident {
        $($(#[doc = $about:literal])+ $name:ident $field:ident: $type:ty,)+
    }) => {
        $(#[doc = $purpose])*
        #[derive(Debug, Clone)]
        #[allow(rustdoc::broken_intra_doc_links)] // a help text is not Markdown
        pub struct $group {
            $(
                #[doc = concat!("`", stringify!($name), "`:")]
                $(#[doc = $about])+
                pub $field: $type,
            )+
        }
    };

    (@define extern $($rest:tt)*) => {};
}
pub(super) use declare_settings;
