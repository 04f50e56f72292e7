//! The paths in Rust code: in `use` trees, expressions, types and macros alike.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Returns every path of more than one segment outside of tests.
pub fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(TokenStream::from_str(code).unwrap(), &[], &mut found);
    found
}

fn collect(tokens: TokenStream, prefix: &[String], found: &mut Vec<Vec<String>>) {
    let tokens = without_tests(tokens);
    let mut path: Vec<String> = prefix.to_vec();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let continues = is_colon(tokens.get(index + 1)) && is_colon(tokens.get(index + 2));
        match token {
            TokenTree::Ident(name) => {
                path.push(name.to_string());
                if continues {
                    index += 2;
                } else {
                    if path.len() > 1 {
                        found.push(path.clone());
                    }
                    path = prefix.to_vec();
                }
            }
            TokenTree::Group(group) => {
                // Braces after `a::` are a tree of paths that begin with it; any other group starts
                // afresh.
                let is_tree = group.delimiter() == Delimiter::Brace && path.len() > prefix.len();
                collect(group.stream(), if is_tree { &path } else { &[] }, found);
                path = prefix.to_vec();
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                // `a::*` ends here.
                if path.len() > prefix.len() {
                    found.push(path);
                }
                path = prefix.to_vec();
            }
        }
        index += 1;
    }
}

/// Removes items behind `#[cfg(test)]`, and the attributes in `#[cfg_attr(test, ...)]`.
fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let TokenTree::Group(group) = &token else {
            kept.push(token);
            continue;
        };
        let text = group.to_string().replace(' ', "");
        if text == "[cfg(test)]" {
            // The item ends with its braces or a semicolon.
            let ends = |token: &TokenTree| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                token => token.to_string() == ";",
            };
            let _item = tokens.find(ends);
        } else if !text.starts_with("[cfg_attr(test,") {
            kept.push(token);
        }
    }
    kept
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}
