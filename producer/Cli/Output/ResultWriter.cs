using System.Buffers;
using System.Text.Json;
using Broker.Contracts;
using Broker.Pool;

namespace Broker.Producer.Cli.Output;

/// <summary>Writes outcomes to stdout, one a line. What is ready is written when nothing more is, so that a reader never waits for a full buffer.</summary>
internal sealed class ResultWriter(Stream output, bool full) : IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt * 2);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = PayloadJson.Options.Encoder, SkipValidation = true });

    private bool _closed;

    public long Written { get; private set; }

    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    public void Write(in ItemOutcome outcome)
    {
        if (full)
            WriteFull(outcome);
        else
            _buffer.Write(outcome.Value.Span);
        _buffer.Write("\n"u8);
        Written++;
        if (_buffer.WrittenCount >= FlushAt)
            Flush();
    }

    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    public void Flush()
    {
        if (_closed)
            return;
        try
        {
            output.Write(_buffer.WrittenSpan);
            output.Flush();
        }
        catch (IOException e)
        {
            _closed = true;
            throw new OutputClosedException(e);
        }

        _buffer.ResetWrittenCount();
    }

    public void Dispose() => _json.Dispose();

    private void WriteFull(in ItemOutcome outcome)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteNumber("index", outcome.Index);
        _json.WritePropertyName("value");
        _json.WriteRawValue(outcome.Value.Span, skipInputValidation: true);
        if (outcome.Failure is { } failure)
        {
            _json.WriteStartObject("failure");
            _json.WriteString("type", failure.Type);
            _json.WriteString("message", failure.Message);
            if (failure.StackTrace is not null)
                _json.WriteString("stackTrace", failure.StackTrace);
            _json.WriteEndObject();
        }

        var run = outcome.Run;
        _json.WriteNumber("pid", run.Worker.ProcessId);
        _json.WriteString("host", run.Worker.Host);
        _json.WriteString("name", run.Worker.Name);
        _json.WriteNumber("attempt", run.Attempt);
        _json.WriteNumber("elapsedMs", Math.Round((run.FinishedAt - run.StartedAt).TotalMilliseconds, 3));
        _json.WriteNumber("chunk", run.Items);
        _json.WriteString("startedAt", run.StartedAt);
        _json.WriteString("finishedAt", run.FinishedAt);
        _json.WriteEndObject();
        _json.Flush();
    }
}

#pragma warning disable CA1032, CA1064 // Raised and caught within this program.
/// <summary>Whoever read our standard output has gone, as <c>head</c> does.</summary>
internal sealed class OutputClosedException(IOException inner) : BrokerException(
    inner.Message.Contains("Broken pipe", StringComparison.Ordinal) ? "standard output was closed" : $"standard output cannot be written ({inner.Message})", inner);
#pragma warning restore CA1032, CA1064
