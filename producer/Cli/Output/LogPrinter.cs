using System.Text;
using Broker.CommandLine;
using Broker.Logging.Query;

namespace Broker.Producer.Cli.Output;

/// <summary>Writes log lines to stdout.</summary>
/// <param name="output">Standard output.</param>
/// <param name="plain">The format; null for the original JSON.</param>
internal sealed class LogPrinter(Stream output, PlainLogLine? plain) : IDisposable
{
    private readonly LineBuffer _lines = new(output);

    public long Written { get; private set; }

    /// <exception cref="OutputClosedException">The reader has closed standard output.</exception>
    public void Write(LogDocument document)
    {
        if (plain is null)
            _lines.Write(document.Json.Span);
        else
            _lines.Write(Encoding.UTF8.GetBytes(plain.Write(document)));
        Written++;
        _lines.EndLine();
    }

    /// <exception cref="OutputClosedException">The reader has closed standard output.</exception>
    public void Flush() => _lines.Flush();

    public void Dispose() => output.Dispose();
}
