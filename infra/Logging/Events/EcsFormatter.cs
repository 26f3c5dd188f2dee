using System.Buffers;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

namespace Broker.Logging.Events;

/// <summary>
/// Writes an event as one line of JSON with the field names of the Elastic Common Schema. Public, with a parameterless constructor, so that a
/// configuration can name it as any sink's formatter.
/// </summary>
public sealed class EcsFormatter : ITextFormatter
{
    private readonly ProcessFields _process;

    /// <summary>For <see cref="ProcessFields.Current"/>.</summary>
    public EcsFormatter()
        : this(ProcessFields.Current)
    {
    }

    internal EcsFormatter(ProcessFields process) => _process = process;

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, EcsDocument.Writing))
            EcsDocument.Write(logEvent, _process, json, TextLimits.Usual);
        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
