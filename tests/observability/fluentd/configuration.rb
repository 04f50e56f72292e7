# frozen_string_literal: true

# Reads Fluentd's configuration: directives that hold settings and other directives.
class Directive
  attr_reader :name, :argument, :settings, :inner

  def initialize(name, argument = nil)
    @name = name
    @argument = argument
    @settings = {}
    @inner = []
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
      else raise "not understood: #{line}"
      end
    end
    raise 'a directive is not closed' unless open == [root]

    root
  end

  def add(directive)
    @inner << directive
    directive
  end

  def all(name)
    @inner.select { |directive| directive.name == name }
  end

  def only(name)
    found = all(name)
    raise "#{found.size} directives <#{name}> in <#{@name}>" unless found.size == 1

    found.first
  end

  def label(name)
    all('label').find { |label| label.argument == name } || raise("there is no label #{name}")
  end

  # Every setting is asked for or listed, so that none that matters goes unnoticed.
  def must_know(*names)
    unknown = @settings.keys - names
    raise "<#{@name} #{@argument}> has settings that are not known here: #{unknown}" unless unknown.empty?
  end
end
