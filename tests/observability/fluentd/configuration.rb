# frozen_string_literal: true

# A directive of Fluentd's configuration, with its settings and nested directives.
class Directive
  attr_reader :name, :argument, :settings, :children

  def initialize(name, argument = nil)
    @name = name
    @argument = argument
    @settings = {}
    @children = []
  end

  def self.read(text)
    root = new('root')
    open = [root]
    text.each_line(chomp: true) do |line|
      case line.strip
      when '', /\A#/ then next
      when %r{\A</} then open.pop
      when /\A<(\w+)(?: (.+))?>\z/
        open << open.last.add(new(Regexp.last_match(1), Regexp.last_match(2)))
      when /\A(\S+) +(.+)\z/ then open.last.settings[Regexp.last_match(1)] = Regexp.last_match(2)
      else raise "invalid line: #{line}"
      end
    end
    raise 'unclosed directive' unless open == [root]

    root
  end

  def add(directive)
    @children << directive
    directive
  end

  def all(name)
    @children.select { |directive| directive.name == name }
  end

  def only(name)
    matching = all(name)
    raise "#{matching.size} directives <#{name}> in <#{@name}>" unless matching.size == 1

    matching.first
  end

  def label(name)
    all('label').find { |label| label.argument == name } || raise("no label #{name}")
  end

  # Raises if there is a setting that the tests do not support.
  def support_only(*names)
    unsupported = @settings.keys - names
    raise "<#{@name} #{@argument}> has unsupported settings: #{unsupported}" unless unsupported.empty?
  end
end
