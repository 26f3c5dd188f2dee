using System.Text.Json;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Pool;

namespace Broker.Producer.Cli.Output;

/// <summary>Writes outcomes to stdout, one per line.</summary>
internal sealed class ResultWriter(Stream output, bool full) : IDisposable
{
    private readonly LineBuffer _lines = new(output);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = PayloadJson.Options.Encoder, SkipValidation = true });

    /// <summary>Whether an outcome is written as an object that tells all of it.</summary>
    public bool Full => full;

    public long Written { get; private set; }

    /// <exception cref="OutputClosedException">The reader has closed standard output.</exception>
    public void Write(in ItemOutcome outcome)
    {
        if (full)
            WriteFull(outcome);
        else
            _lines.Write(outcome.Value.Span);
        Written++;
        _lines.EndLine();
    }

    /// <exception cref="OutputClosedException">The reader has closed standard output.</exception>
    public void Flush() => _lines.Flush();

    public void Dispose() => _json.Dispose();

    private void WriteFull(in ItemOutcome outcome)
    {
        _json.Reset(_lines.Bytes);
        _json.WriteStartObject();
        _json.WriteString("batch", outcome.Run.BatchId);
        _json.WriteString("job", outcome.Run.JobId);
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
