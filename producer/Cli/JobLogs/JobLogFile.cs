using System.Text;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Pool;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>A joblog that is written, and read first where a map is resumed. Locked: two maps that write one would make it useless.</summary>
internal sealed class JobLogFile : IDisposable
{
    private readonly string _path;
    private readonly string _kind;
    private readonly FileStream _file;
    private readonly LineBuffer _lines;
    private readonly ItemHash _hash;

    private JobLogFile(string path, string kind, FileStream file)
    {
        (_path, _kind, _file) = (path, kind, file);
        _lines = new LineBuffer(file);
        _hash = new ItemHash(kind);
    }

    /// <summary>Whether it is time to <see cref="Flush"/>.</summary>
    public bool IsFull => _lines.Bytes.WrittenCount >= LineBuffer.FlushAt;

    /// <summary>Opens a joblog; one that exists is appended to where <paramref name="append"/> says so, and else overwritten, as by GNU parallel.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">The kind of all items.</param>
    /// <param name="append">Whether its lines stay.</param>
    /// <param name="finished">Is given its lines; null where nobody wants them.</param>
    /// <exception cref="InvalidConfigurationException">It cannot be opened, or is another file than a joblog.</exception>
    public static JobLogFile Open(string path, string kind, bool append, FinishedItems? finished)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, append ? FileMode.OpenOrCreate : FileMode.Create, append ? FileAccess.ReadWrite : FileAccess.Write, FileShare.None, bufferSize: 0);
            var log = new JobLogFile(path, kind, file);
            if (append && file.CanSeek)
            {
                file.SetLength(JobLogReader.Read(file, path, finished));
                file.Position = file.Length;
            }

            if (!file.CanSeek || file.Position == 0)
            {
                log._lines.Write(Encoding.UTF8.GetBytes(JobLogLine.Header));
                log._lines.EndLine();
                log.Flush();
            }

            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            file?.Dispose();
            throw new InvalidConfigurationException($"--joblog {path} cannot be opened: {e.Message}", e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Adds an outcome's line; written by <see cref="Flush"/>.</summary>
    public void Add(in ItemOutcome outcome) => JobLogLine.Write(_lines.Bytes, _kind, outcome, _hash.Of(outcome.Item.Span));

    /// <exception cref="OutputClosedException">It cannot be written.</exception>
    public void Flush()
    {
        try
        {
            _lines.Flush();
        }
        catch (IOException e)
        {
            throw new OutputClosedException($"the joblog {_path} cannot be written: {e.Message}");
        }
    }

    public void Dispose() => _file.Dispose();
}
