//! What tells a language: literals at the start of a line, at its end, anywhere in it, or all of it.
//!
//! A cue gives points to each language that it speaks for: 1 for what many have, 5 for what one has
//! alone. The words are those of the languages' own grammars and standard libraries.

use super::language::*;

/// Where in a line, without the white space around it, a cue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Start,
    End,
    Anywhere,
    Whole,
}

/// Literals that say the same.
#[derive(Debug)]
pub(super) struct Cue {
    pub(super) at: At,
    pub(super) languages: Languages,
    pub(super) points: u8,
    pub(super) literals: &'static [&'static str],
}

const fn cue(at: At, languages: Languages, points: u8, literals: &'static [&'static str]) -> Cue {
    Cue { at, languages, points, literals }
}

/// All cues, by the language that they mostly tell.
#[rustfmt::skip]
pub(super) static CUES: &[Cue] = &[
    // rust
    cue(At::Start, RUST, 4, &["use std::", "use super::", "use core::"]),
    cue(At::Start, RUST, 3, &[
        "fn ", "pub fn ", "pub(crate) ", "impl<", "let mut ", "use crate::", "pub struct ", "pub enum ",
        "pub trait ", "pub mod ", "pub use ", "async fn ", "pub async fn ", "pub(super) ", "pub const ",
        "unsafe fn ", "const fn ", "pub const fn ", "macro_rules! ", "#![",
    ]),
    cue(At::Start, RUST, 2, &[
        "impl ", "#[", "mod ", "unsafe {", "match ", "if let ", "while let ", "where Self",
    ]),
    cue(At::Anywhere, RUST, 3, &[
        "&self", "&mut ", ".unwrap()", "&str", " -> Result<", "println!(", "format!(", "assert_eq!(",
        "assert!(", "vec![", "::<", "&'static ", ".unwrap_or(", ".iter().", "write!(", ".expect(",
        "matches!(", "Self {", ".to_owned()", ".clone()", "&[u8]",
    ]),
    cue(At::Anywhere, RUST, 2, &[
        "Some(", "Ok(", "Err(", "Vec<", "Option<", "Box<", "Arc<", "Self::", ".collect",
    ]),
    cue(At::Anywhere, RUST | CPP | PHP | PERL | RUBY | HASKELL, 1, &[
        "::",
    ]),
    cue(At::Start, RUST | JAVASCRIPT | TYPESCRIPT | SWIFT | HASKELL, 1, &[
        "let ",
    ]),
    // python
    cue(At::Start, PYTHON, 3, &[
        "elif ", "except ", "try:", "finally:", "async def ", "with open(", "from __future__ ", "except:",
        "@property", "@staticmethod", "@classmethod", "class Test", "del ", "raise ", "assert ", "nonlocal ",
    ]),
    cue(At::Start, PYTHON, 2, &[
        "else:", "yield ",
    ]),
    cue(At::Start, PYTHON | RUBY | SCALA, 2, &[
        "def ",
    ]),
    cue(At::End, PYTHON, 2, &[
        "):", "]:", ")):",
    ]),
    cue(At::Anywhere, PYTHON, 3, &[
        "(self", " is None", " is not None", "__init__", "__name__", "in range(", "range(len(", " -> None:",
        ": str", ": int", ": Optional[", ".append(", "\"\"\"", "lambda ", ".items()", "isinstance(",
        ".format(",
    ]),
    cue(At::Anywhere, PYTHON, 2, &[
        "self.", "print(", " import ", "None", "True", "False", "**kwargs", ".join(", "len(",
    ]),
    cue(At::Whole, PYTHON, 2, &[
        "pass",
    ]),
    cue(At::Whole, PYTHON | JAVASCRIPT | JAVA | GO | C | CPP | CSHARP | PHP | RUST, 1, &[
        "break", "continue",
    ]),
    // javascript and typescript
    cue(At::Anywhere, JAVASCRIPT | TYPESCRIPT, 2, &[".then("]),
    cue(At::Anywhere, JAVASCRIPT | TYPESCRIPT | JAVA | CSHARP | KOTLIN, 1, &["this.", ".length"]),
    cue(At::Start, JAVASCRIPT | TYPESCRIPT, 3, &[
        "export default ", "export const ", "export function ", "import {", "import * as ", "const {",
        "export class ", "export async ", "module.exports", "'use strict'", "\"use strict\"", "describe('",
        "describe(\"", "it('", "it(\"", "async function ", "} catch (",
    ]),
    cue(At::Start, JAVASCRIPT | TYPESCRIPT | PHP | LUA | R | SHELL | POWERSHELL, 2, &[
        "function ",
    ]),
    cue(At::Start, JAVASCRIPT | TYPESCRIPT | CPP | PHP | GO, 2, &[
        "const ",
    ]),
    cue(At::Start, JAVASCRIPT | TYPESCRIPT | GO | SWIFT | KOTLIN | SCALA | CSHARP | JAVA, 1, &[
        "var ",
    ]),
    cue(At::Anywhere, JAVASCRIPT | TYPESCRIPT, 3, &[
        "console.log(", "console.error(", " => {", "document.", "await ", "=== ", "!== ", "module.exports",
        "JSON.parse(", "JSON.stringify(", "Object.keys(", ".forEach(", "new Promise(", "process.env",
        ".prototype.", "typeof ", ".addEventListener(", "async (", "undefined", "window.", "require(\"./",
        "require('./",
    ]),
    cue(At::Anywhere, JAVASCRIPT | TYPESCRIPT, 2, &[
        "require('", "require(\"", "useState(", "Math.",
    ]),
    cue(At::Anywhere, JAVASCRIPT | TYPESCRIPT, 1, &[
        "=> ", "function(", "function (",
    ]),
    cue(At::Anywhere, JAVASCRIPT | TYPESCRIPT | SHELL | KOTLIN | SCALA | PHP, 1, &[
        "${",
    ]),
    cue(At::End, JAVASCRIPT | TYPESCRIPT, 2, &[
        "});", "}, {",
    ]),
    cue(At::Start, TYPESCRIPT, 3, &[
        "export interface ", "export type ", "private readonly ", "declare ", "readonly ", "export enum ",
        "export abstract ", "@Component(", "@Injectable(", "import type ", "export declare ", "abstract ",
    ]),
    cue(At::Anywhere, TYPESCRIPT, 4, &[
        ": string", ": number", ": boolean", ": Promise<", ": any", ": void", ": unknown", ": Record<",
        " as const", " as any", "?: ", ": never", "<T>(",
    ]),
    cue(At::Start, TYPESCRIPT | JAVA | CSHARP | GO | PHP | KOTLIN, 1, &[
        "interface ",
    ]),
    cue(At::Start, TYPESCRIPT | GO | RUST | HASKELL | KOTLIN, 1, &[
        "type ",
    ]),
    // java
    cue(At::Start, JAVA, 4, &[
        "import java", "public static void main", "@Override", "import static ", "@Test", "@Autowired",
        "@Deprecated", "package com.", "package org.", "import javax",
    ]),
    cue(At::Start, JAVA, 3, &[
        "public final ", "private final ", "private static final ", "public abstract ", "protected ",
        "final ", "@Suppress", "@Param", "@Entity",
    ]),
    cue(At::Start, JAVA | CSHARP, 3, &[
        "public class ", "public static ", "public void ", "private static ", "public int ", "public enum ",
        "public interface ", "private void ", "private int ",
    ]),
    cue(At::Start, JAVA | CSHARP | CPP | PHP, 2, &[
        "public ", "private ", "protected ",
    ]),
    cue(At::Start, JAVA | KOTLIN | SCALA, 2, &[
        "import org.", "import com.",
    ]),
    cue(At::Start, JAVA | GO | KOTLIN | SCALA | PERL, 1, &[
        "package ",
    ]),
    cue(At::Anywhere, JAVA, 3, &[
        "System.out.", " throws ", "ArrayList<", "HashMap<", "String[]", "new Scanner(", ".length()",
        ".equals(", "Integer.", ".getClass()", "assertEquals(", "private final ", "String.", "Optional<",
        ".size()", "Assertions.",
    ]),
    cue(At::Anywhere, JAVA, 2, &[
        "String ", "boolean ", "final ",
    ]),
    cue(At::Anywhere, JAVA | CSHARP | JAVASCRIPT | TYPESCRIPT | PHP | CPP | KOTLIN, 1, &[
        "new ",
    ]),
    cue(At::Anywhere, JAVA | TYPESCRIPT | JAVASCRIPT | SCALA | PHP, 1, &[
        " extends ", " implements ",
    ]),
    // kotlin
    cue(At::Start, KOTLIN | JAVA | SCALA, 2, &["import org.junit", "import java."]),
    cue(At::Anywhere, KOTLIN, 4, &[" fun ", " != null", "!!.", ".toInt()", ".forEach {", ".size)", "?: "]),
    cue(At::Start, KOTLIN, 4, &[
        "fun ", "override fun ", "data class ", "suspend fun ", "private fun ", "companion object", "when (",
        "when {", "internal fun ", "fun <", "open class ", "import kotlin", "sealed class ", "open fun ",
        "operator fun ", "import androidx", "@Composable", "lateinit ",
    ]),
    cue(At::Start, KOTLIN | SCALA, 2, &[
        "val ", "private val ", "override val ", "protected val ", "lazy val ",
    ]),
    cue(At::Anywhere, KOTLIN, 4, &[
        "listOf(", "mutableListOf(", "arrayOf(", "mapOf(", " until ", ": Int)", ".let {", ".apply {",
        "fun main(", ": Boolean", "IntArray", ": List<", "mutableMapOf", "setOf(", ".also {", "?.let",
        "emptyList",
    ]),
    cue(At::Anywhere, KOTLIN | SCALA | SWIFT, 2, &[
        ": Int", ": String", ": Double",
    ]),
    cue(At::Anywhere, KOTLIN | SCALA, 2, &[
        "println(", ": Unit",
    ]),
    // c and c++
    cue(At::Start, C | CPP, 4, &[
        "#include <", "#include \"", "#define ", "#ifdef ", "#ifndef ", "#endif", "#undef ", "#elif ",
        "typedef ", "unsigned ", "int main(", "extern \"C\"",
    ]),
    cue(At::Start, C | CPP, 2, &[
        "#if ", "#else", "#pragma ", "static inline ", "static int ", "static void ", "static const ",
        "const char", "size_t ", "uint8_t ", "uint32_t ", "uint64_t ", "uint16_t ", "goto ", "extern ",
    ]),
    cue(At::Start, C | CPP | JAVA | CSHARP, 2, &[
        "int ", "void ", "static ", "double ", "float ", "char ", "long ",
    ]),
    cue(At::Start, C | CPP | GO | RUST | SWIFT | CSHARP, 2, &[
        "struct ",
    ]),
    cue(At::Start, C | CPP | JAVA | CSHARP | JAVASCRIPT | TYPESCRIPT | PHP | GO | SWIFT, 1, &[
        "switch (", "case ", "default:", "do {",
    ]),
    cue(At::Anywhere, C | CPP, 3, &[
        "sizeof(", "malloc(", "const char", "size_t ", "unsigned ", "NULL", "strlen(", "memcpy(", "free(",
        "fprintf(", "uint8_t", "uint32_t", "uint64_t", "int *", "char *", "void *", "struct ", "strcmp(",
        "->next", "(int ", "memset(", "scanf(",
    ]),
    cue(At::Anywhere, C | CPP | PHP | PERL, 2, &[
        "printf(",
    ]),
    cue(At::Anywhere, C | CPP | PHP | PERL | RUST | HASKELL, 1, &[
       
    ]),
    cue(At::Start, CPP, 4, &[
        "using namespace ", "template <", "template<", "public:", "private:", "protected:", "virtual ",
        "class ", "constexpr ", "explicit ", "namespace ", "std::", "auto ",
    ]),
    cue(At::Anywhere, CPP, 4, &[
        "cout <<", "std::vector", "std::string", "nullptr", "static_cast<", "unique_ptr", "const auto",
        "std::cout", "std::endl", "constexpr ", "std::move", "std::map", "shared_ptr", " override;",
        "operator", "const std::", "reinterpret_cast<", "noexcept", "vector<",
    ]),
    cue(At::Anywhere, CPP | RUST, 2, &[
        "std::",
    ]),
    // csharp
    cue(At::Anywhere, CSHARP | JAVA, 2, &["List<"]),
    cue(At::Anywhere, CSHARP, 3, &["Task<", ".Where(", ".Select("]),
    cue(At::Start, CSHARP, 4, &[
        "using System", "public async ", "public override ", "public sealed ", "internal ", "namespace ",
        "[Fact", "[Test", "[Serializ", "public record ", "#region", "#endregion", "public string ",
        "private readonly ", "/// <summary>", "/// </summary>", "using Microsoft", "public bool ",
        "public static class ", "public virtual ", "[Http", "[Pub",
    ]),
    cue(At::Anywhere, CSHARP, 4, &[
        "Console.Write", "{ get; ", "async Task", "IEnumerable<", "nameof(", ".ToString()",
        ".Should().", "IList<", "out var ", "Assert.", "Dictionary<",
        "throw new Argument", "(string ", "string[]", "int[]",
    ]),
    cue(At::Anywhere, CSHARP, 2, &[
        "string ", "var ",
    ]),
    cue(At::Start, CSHARP | PHP | POWERSHELL, 2, &[
        "foreach (",
    ]),
    // go
    cue(At::Start, GO, 4, &[
        "func (", "import (", "defer ", "go func(", "package main", "type T ", "func Test", "func New",
        "for _, ", "for i := ", "if err ", "var err ",
    ]),
    cue(At::Start, GO | SWIFT, 3, &[
        "func ",
    ]),
    cue(At::Anywhere, GO, 4, &[
        " := ", "err != nil", "fmt.", "[]string", "[]int", "[]byte", "map[string]", "chan ", "interface{}",
        "for _, ", "return nil", "func(", "*testing.T", "errors.New", "t.Errorf", "t.Run(", ", err ",
        "make([]", " struct {", " interface {", "len(", "append(", "float64", "range ",
    ]),
    cue(At::Anywhere, GO | RUBY | LUA | SWIFT, 1, &[
        "nil",
    ]),
    // ruby
    cue(At::Start, RUBY, 4, &[
        "require_relative ", "attr_accessor", "attr_reader", "puts ", "rescue", "describe ", "it '", "it \"",
        "context '", "context \"", "module ", "before do", "let(:", "def self.", "def initialize",
        "validates", "has_many", "belongs_to", "elsif ", "unless ", "private_constant", "return if ",
        "return unless ", "when ",
    ]),
    cue(At::Start, RUBY, 2, &[
        "require '", "require \"", "begin", "include ", "expect(", "@",
    ]),
    cue(At::Anywhere, RUBY, 4, &[
        " do \\|", " do", ".nil?", ".empty?", ".map(&:", ".to_s", ".to_i", ".freeze", ".each", "#{", ".any?",
        ".include?", "=> :", ".to_sym", "&&=", "\\|\\|=", ".map {", ".map do", ".first", ".last", ".push(",
        " unless ", " if !", "puts ",
    ]),
    cue(At::Whole, RUBY | LUA, 3, &[
        "end",
    ]),
    cue(At::Whole, RUBY | C | CPP | JAVA | LUA | SHELL | POWERSHELL | GO, 1, &[
        "else",
    ]),
    cue(At::Whole, RUBY, 1, &[
        "private",
    ]),
    // php
    cue(At::Start, PHP, 5, &[
        "<?php", "public function ", "private function ", "protected function ", "public static function ",
        "namespace App", "use Illuminate", "abstract class ", "final class ", "declare(strict",
        "require_once", "* @param ", "function __construct", "elseif (",
    ]),
    cue(At::Start, PHP | PERL | POWERSHELL, 2, &[
        "$",
    ]),
    cue(At::Start, PHP | SHELL, 2, &[
        "echo ",
    ]),
    cue(At::Anywhere, PHP, 4, &[
        "$this->", "isset(", "array(", "::class", "strpos(", "function ($", "count($", "array_", "=> $",
        "?->", "(array $", "(string $", "(int $", "$_POST", "$_GET", "echo ", " . '", "' . ", "self::",
        "mysqli", "empty($", "->get(", "str_",
    ]),
    // swift
    cue(At::Start, SWIFT, 5, &[
        "import Foundation", "import UIKit", "import SwiftUI", "guard ", "extension ", "@State ", "@objc",
        "@Published", "override func ", "mutating func ", "public func ", "private func ", "final class ",
        "static func ", "@IBOutlet ", "init(", "fileprivate ", "protocol ", "public init", "import Combine",
        "public struct ", "internal func ", "weak var ", "deinit ", "@discardableResult ", "func ",
    ]),
    cue(At::Anywhere, SWIFT, 4, &[
        "..<", "[Int]", "[String]", "inout ", " -> Int", ": [", "?? ", "as? ", "try? ", "if let ",
        "guard let ", "print(", "CGFloat", ": CG", "UIView", "(_ ", "String(", "Int(",
    ]),
    // scala
    cue(At::Start, SCALA | KOTLIN, 2, &["object ", "lazy val "]),
    cue(At::Anywhere, SCALA | KOTLIN, 2, &[": Int =", ": Boolean ="]),
    cue(At::Start, SCALA | KOTLIN | JAVA | CSHARP | PHP | TYPESCRIPT, 1, &["abstract class "]),
    cue(At::Start, SCALA, 5, &[
        "case class ", "import scala", "override def ", "sealed trait ", "private def ", "trait ",
        "implicit ", "case object ", "final case ", "def main(", "@main ",
        "package object ", "@tailrec",
    ]),
    cue(At::Start, SCALA, 2, &[
        "def ",
    ]),
    cue(At::Anywhere, SCALA, 4, &[
        "Option[", "Seq[", "List[", "Array[", " extends App", ": Unit =", "[String]", "[Int]", "Map[",
        "Future[", " match {", "assert(", "=> _", "[A]", "[T]", "Vector[", ".map(_",
        "(_ ", " <- ", "@annotation",
    ]),
    cue(At::End, SCALA, 3, &[
        " = {", ") =", " =",
    ]),
    // sql
    cue(At::Start, SQL, 1, &["and ", "on ", "values ", "update ", "from ", "where ", "join "]),
    cue(At::Start, SQL, 4, &[
        "SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "CREATE ", "ALTER TABLE ", "DROP TABLE ",
        "LEFT JOIN ", "INNER JOIN ", "GROUP BY ", "ORDER BY ", "CONSTRAINT ", "CREATE INDEX ", "FOREIGN KEY ",
        "PRIMARY KEY", "DECLARE ", "RETURNS ", "END;", "BEGIN;", "COMMIT;", "DROP ", "GRANT ", "INSERT ",
        "select ", "insert into ", "create table ", "create or replace ", "group by ", "order by ",
        "left join ", "inner join ", "delete from ", "alter table ", "LANGUAGE ", "EXECUTE ", "PERFORM ",
    ]),
    cue(At::Start, SQL, 3, &[
        "FROM ", "WHERE ", "HAVING ", "VALUES", "UNION", "JOIN ", "UPDATE ", "LIMIT ", "WITH ", "AND ", "ON ",
        "SET ", "INTO ", "AS $$", "BEGIN", "IF ", "ELSE", "END IF", "RETURN ", "COMMENT ON ",
    ]),
    cue(At::Start, SQL, 2, &[
       
    ]),
    cue(At::Anywhere, SQL, 4, &[
        " VARCHAR", " NOT NULL", " PRIMARY KEY", " INTEGER", " REFERENCES ", " AS (", "COUNT(", "SUM(",
        " SELECT ", " FROM ", " WHERE ", " varchar(", " not null", " integer", " primary key", " select ",
        " from ", " values (", " VALUES (", "COALESCE(", " INNER JOIN ", "NUMERIC", "TIMESTAMP", " text,",
        " DEFAULT ", " ORDER BY ", " IS NULL",
    ]),
    // shell
    cue(At::Start, SHELL, 1, &["echo \"", "echo '"]),
    cue(At::End, SHELL, 1, &["() {"]),
    cue(At::Anywhere, SHELL | POWERSHELL | PHP | PERL, 2, &["$1", "\"$"]),
    cue(At::Start, SHELL, 5, &[
        "#!/bin/bash", "#!/bin/sh", "#!/usr/bin/env bash", "if [ ", "if [[ ", "elif [", "set -e", "set -u",
        "while read", "while [", "for i in ", "[ -", "[[ ", "until [",
    ]),
    cue(At::Start, SHELL, 3, &[
        "local ", "case \"", "for f in ", "unset ", "sudo ", "trap ", "source ", ". /",
        "test -", "printf ", "export PATH",
    ]),
    cue(At::End, SHELL, 4, &[
        "; then", "; do", ";;",
    ]),
    cue(At::End, SHELL, 1, &[
        " \\\\| \\|",
    ]),
    cue(At::Anywhere, SHELL, 3, &[
        "$(", "2>&1", "/dev/null", "\\|\\| exit", "\"$@\"", "${1", "-z \"", "-n \"",
        " \\| grep ", " \\| sed ", " \\| awk ", "$?",
    ]),
    cue(At::Whole, SHELL, 3, &[
        "fi", "done", "then", "esac", "do",
    ]),
    // powershell
    cue(At::Anywhere, POWERSHELL, 5, &["#!/usr/bin/env pwsh", "Split-Path", "Test-Path", "$PSVersion", "$MyInvocation", "$LASTEXITCODE", " -or ", " -not "]),
    cue(At::Start, POWERSHELL, 5, &[
        "[CmdletBinding", "param(", "param (", "Param(", "Import-Module", "Write-", "Get-", "Set-", "New-",
        "Begin {", "Process {", "[Parameter", "foreach ($", "function Get-", ".SYNOPSIS", "} else {", "<#",
        "Add-", "Remove-",
    ]),
    cue(At::Anywhere, POWERSHELL, 5, &[
        "Write-Host", "New-Object", "[string]$", "[Parameter(", "$env:", "ForEach-Object", "Where-Object",
        "-ErrorAction", "Write-Output", "$null", "$true", "$false", " -eq ", " -ne ", "Get-Content",
        "Join-Path", "Write-Verbose", "Write-Error", "[int]$", "$PS", " -and ", " -Path ", "[switch]$",
    ]),
    // perl
    cue(At::Start, PERL, 1, &["use "]),
    cue(At::Start, PERL, 5, &[
        "#!/usr/bin/perl", "use strict", "use warnings", "my $", "my @", "my %", "my (", "sub ", "elsif (",
        "foreach my ", "our $", "our @", "local $", "push @", "use vars ", "use Carp", "return unless ",
        "=cut", "=head", "=item", "=over", "__END__", "unless (", "die ", "#!perl",
    ]),
    cue(At::Anywhere, PERL, 4, &[
        "=~ ", "@_", "->{", "qw(", " eq '", " eq \"", "shift;", "@{", "$self", "%$", "@$", "$_", "defined ",
        "=> ", "{$", "die \"", "scalar(", "->[", " ne '", "bless ", "!~ ", "keys %", "qr/", " and $",
        " or die",
    ]),
    cue(At::Start, PERL, 2, &[
        "return ", "print ", "if (", "ok(", "is(",
    ]),
    // r
    cue(At::Start, R, 5, &[
        "library(", "setwd(", "#' ", "stopifnot(", "ggplot(", "require(",
    ]),
    cue(At::Anywhere, R, 5, &[
        "<- function(", "data.frame(", "%>%", "sapply(", "seq_along(", "is.null(", "is.na(", "seq_len(",
        "= function(", "nrow(", "paste0(", "TRUE", "FALSE", "%%", "%in%", "cat(", "c(", "list(", "NULL",
        "ncol(", "R6Class", "numeric(", "stop(", "matrix(", "vector(",
    ]),
    cue(At::Anywhere, R, 4, &[
        " <- ",
    ]),
    // lua
    cue(At::Anywhere, LUA | JAVASCRIPT, 2, &["= require"]),
    cue(At::Anywhere, LUA | JAVASCRIPT | PHP | R, 1, &["function("]),
    cue(At::Anywhere, LUA, 3, &["table.", "string."]),
    cue(At::Start, LUA, 5, &[
        "local function ", "local ", "elseif ", "function M", "for i = ", "repeat", "until ",
        "--[[",
    ]),
    cue(At::End, LUA, 4, &[
        " then", " do",
    ]),
    cue(At::Anywhere, LUA, 5, &[
        "~=", "ipairs(", " pairs(", "table.insert(", "string.format(", " .. ", "setmetatable(",
        "math.", "#arr", "= {}", "return function", "end)", "self:",
    ]),
    // haskell
    cue(At::Anywhere, HASKELL, 1, &[" -> ", " <- ", "let ", "Integer", " of "]),
    cue(At::Start, HASKELL, 5, &[
        "import qualified ", "instance ", "newtype ", "deriving ", "{-#", "import Data.", "import Control.",
        "module ", "foldr ", "infixl ", "infixr ", "import Test.",
    ]),
    cue(At::End, HASKELL, 3, &[
        " where", " do", " = do",
    ]),
    cue(At::Anywhere, HASKELL, 4, &[
        " :: ", " $ ", "Maybe ", "IO ()", "deriving (", "[a] ", "foldr ", " <$> ",
        " >>= ", "(x:xs)", " ++ ", "\\|x", "[Int]", " <> ", "mapM_",
    ]),
    // html
    cue(At::Start, HTML, 4, &[
        "<!DOCTYPE", "<!doctype", "<html", "<head", "<body", "<div", "</div>", "<script", "<ul", "<li", "<a ",
        "<span", "<table", "<tr", "<td", "<input", "<form", "<meta", "<link", "<img", "<style", "<button",
        "<section", "<h1", "<h2", "<h3", "<nav", "</body", "</html", "</ul", "</head", "</script", "</table",
        "<label", "<p>", "<p ", "</form", "<main", "<footer", "<header", "<title", "</span", "</a>", "</tr",
        "</td", "</section", "<option", "<br", "<th",
    ]),
    cue(At::Anywhere, HTML, 2, &[
        " class=\"", " href=\"", " id=\"", "</a>", "</li>", "</p>", "</td>", "</span>", "</div>", " style=\"",
        " src=\"",
    ]),
    // css
    cue(At::Start, CSS, 5, &[
        "@media ", "color:", "background", "margin", "padding", "display:", "font-", "width:", "height:",
        "border", "position:", "text-", "top:", "left:", "right:", "bottom:", ":root", "@keyframes ",
        "@font-face", "align-", "justify-", "overflow:", "opacity:", "max-", "min-", "transition", "cursor:",
        "z-index", "float:", "line-height", "box-", "content:", "transform", "animation", "vertical-align",
        "@include ", "body {", "html {", "white-space",
    ]),
    cue(At::Anywhere, CSS, 5, &[
        "px;", "!important", "rem;", ": #", "em;", "%;", "vh;", "rgba(", "var(--", ":hover", ": none;",
        ":before", ":after", ":not(",
    ]),
];
