# frozen_string_literal: true

# Processes log lines as Fluentd does by helm/observability/fluentd/fluent.conf. The globs, regular
# expressions and the order of filters come from that file.
#
# Fluentd itself is not among the test dependencies, so this implements the plugins that the
# configuration uses, as their documentation describes them.
#
#   ruby pipeline.rb fluent.conf <INPUT >OUTPUT
#   INPUT   {"files": [{"path": "/var/log/containers/...", "lines": ["..."]}]}
#   OUTPUT  a line of JSON per record: {"stream": "logs-...", "time": "...", "record": {...}}
require 'json'
require 'time'
require_relative 'configuration'

Event = Struct.new(:time, :record)

# <parse>: parses a text into a time and fields, or returns nil.
class Parser
  def initialize(directive)
    directive.support_only('@type', 'expression', 'time_key', 'time_type', 'time_format')
    @type, @time_key = directive.settings.values_at('@type', 'time_key')
    raise 'unsupported time format' unless [nil, '%iso8601'].include?(directive.settings['time_format'])

    expression = directive.settings['expression']
    @expression = Regexp.new(expression[%r{\A/(.*)/\z}m, 1]) if expression
  end

  def parse(text)
    fields = @type == 'json' ? json(text) : @expression.match(text)&.named_captures
    return unless fields

    time = fields.delete(@time_key) if @time_key
    [time && Time.iso8601(time), fields]
  end

  private

  def json(text)
    value = JSON.parse(text)
    value if value.is_a?(Hash)
  rescue JSON::ParserError
    nil
  end
end

# in_tail: reads files that match a glob.
class Tail
  attr_reader :settings

  def initialize(directive)
    directive.support_only('@type', '@id', '@label', 'tag', 'path', 'exclude_path', 'pos_file', 'path_key', 'read_from_head',
                        'emit_unmatched_lines')
    @settings = directive.settings
    @parser = Parser.new(directive.only('parse'))
    @excluded = JSON.parse(@settings.fetch('exclude_path', '[]'))
  end

  def reads?(path)
    matches?(@settings['path'], path) && @excluded.none? { |glob| matches?(glob, path) }
  end

  def event(path, line)
    time, fields = @parser.parse(line)
    fields ||= { 'unmatched_line' => line } # emit_unmatched_lines
    Event.new(time, fields.merge(@settings['path_key'] => path))
  end

  private

  def matches?(glob, path)
    File.fnmatch(glob, path, File::FNM_PATHNAME)
  end
end

# filter_concat: joins partial lines by the tag of the container runtime.
class Concat
  def initialize(directive)
    directive.support_only('@type', 'key', 'stream_identity_key', 'use_partial_cri_logtag', 'partial_cri_logtag_key',
                        'partial_cri_stream_key', 'separator', 'flush_interval', 'timeout_label')
    @key, @identity, @tag, @stream = directive.settings.values_at('key', 'stream_identity_key', 'partial_cri_logtag_key',
                                                                  'partial_cri_stream_key')
    @separator = JSON.parse(directive.settings['separator'])
    @parts = Hash.new { |parts, identity| parts[identity] = [] }
  end

  def filter(event)
    record = event.record
    return [event] unless record.key?(@key)

    identity = record.values_at(@identity, @stream)
    @parts[identity] << event
    return [] if record[@tag] == 'P'

    parts = @parts.delete(identity)
    [Event.new(parts.first.time, record.merge(@key => parts.map { |part| part.record[@key] }.join(@separator)))]
  end
end

# filter_parser: parses a field of the record, and keeps what it cannot parse
# (emit_invalid_record_to_error false).
class ParserFilter
  def initialize(directive)
    directive.support_only('@type', 'key_name', 'reserve_data', 'reserve_time', 'remove_key_name_field', 'hash_value_field',
                        'emit_invalid_record_to_error')
    expected = { 'reserve_data' => 'true', 'remove_key_name_field' => 'true', 'emit_invalid_record_to_error' => 'false' }
    raise 'unsupported filter settings' unless expected <= directive.settings

    @key, @nested_key, @keep_time = directive.settings.values_at('key_name', 'hash_value_field', 'reserve_time')
    @parser = Parser.new(directive.only('parse'))
  end

  def filter(event)
    time, fields = @parser.parse(event.record.fetch(@key, ''))
    return [event] unless fields

    fields = { @nested_key => fields } if @nested_key
    record = event.record.except(@key).merge(fields)
    [Event.new(@keep_time ? event.time : time || event.time, record)]
  end
end

# filter_record_transformer: removes fields, and adds fields from the environment.
class Transformer
  def initialize(directive)
    directive.support_only('@type', 'remove_keys')
    @removed = directive.settings.fetch('remove_keys', '').split(',')
    @added = directive.only('record').settings.transform_values do |value|
      value[/\A"(.*)"\z/, 1].gsub(/#\{ENV\['(\w+)'\]\}/) { ENV.fetch(Regexp.last_match(1)) }
    end
  end

  def filter(event)
    [Event.new(event.time, event.record.except(*@removed).merge(@added))]
  end
end

FILTERS = { 'concat' => Concat, 'parser' => ParserFilter, 'record_transformer' => Transformer }.freeze

# <label>: applies the filters in order, then the first match.
class Label
  def initialize(root, name)
    @root = root
    directive = root.label(name)
    @filters = directive.all('filter').map { |filter| [filter.argument, FILTERS.fetch(filter.settings['@type']).new(filter)] }
    @matches = directive.all('match')
  end

  def self.named(root, name)
    (@labels ||= {})[name] ||= new(root, name)
  end

  def emit(tag, event, &)
    filters = @filters.select { |pattern, _| matches?(pattern, tag) }.map(&:last)
    filtered = filters.reduce([event]) { |events, filter| events.flat_map { |each| filter.filter(each) } }
    target = @matches.find { |match| matches?(match.argument, tag) } || raise("no match for #{tag}")
    filtered.each { |each| deliver(target.settings, tag, each, &) }
  end

  private

  def deliver(target, tag, event, &)
    case target['@type']
    when 'relabel' then Label.named(@root, target['@label']).emit(tag, event, &)
    when 'elasticsearch_data_stream' then yield target['data_stream_name'], event
    else raise "unsupported output #{target['@type']}"
    end
  end

  def matches?(pattern, tag)
    pattern == '**' || pattern == tag
  end
end

root = Directive.read(File.read(ARGV.fetch(0)))
tails = root.all('source').map { |source| Tail.new(source) }
JSON.parse($stdin.read)['files'].each do |file|
  tails.select { |tail| tail.reads?(file['path']) }.each do |tail|
    file['lines'].each do |line|
      event = tail.event(file['path'], line)
      Label.named(root, tail.settings['@label']).emit(tail.settings['tag'], event) do |stream, record|
        puts JSON.generate({ stream: stream, time: record.time&.utc&.iso8601(3), record: record.record })
      end
    end
  end
end
