using System.Text;
using Broker.Contracts;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>Reads a joblog in constant memory.</summary>
internal static class JobLogReader
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>
    /// Reads all lines. A last line that is torn, as a <c>kill -9</c> or a full disk leaves it, does not count; another that is not one of ours is left out, and said.
    /// </summary>
    /// <param name="file">The joblog, at its beginning.</param>
    /// <param name="path">Its name in messages.</param>
    /// <param name="finished">Is given the lines; null where nobody wants them.</param>
    /// <returns>Where the next line is to be written.</returns>
    /// <exception cref="InvalidConfigurationException">It is no joblog.</exception>
    public static long Read(FileStream file, string path, FinishedItems? finished)
    {
        var header = Encoding.UTF8.GetBytes(JobLogLine.Header + "\n");
        var begin = new byte[header.Length];
        var length = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        if (!header.AsSpan().StartsWith(begin.AsSpan(0, length)))
            throw new InvalidConfigurationException($"{path} is no joblog: its first line is not '{JobLogLine.Header.Replace('\t', ' ')}'");
        if (length < header.Length)
            return 0;
        return finished is null ? EndOfLastLine(file) : ReadLines(file, path, finished);
    }

    private static long ReadLines(FileStream file, string path, FinishedItems finished)
    {
        var buffer = new byte[BufferBytes];
        var (end, filled, unreadable) = (file.Position, 0, 0L);
        while (file.Read(buffer, filled, buffer.Length - filled) is > 0 and var read)
        {
            filled += read;
            var used = 0;
            while (buffer.AsSpan(used, filled - used).IndexOf((byte)'\n') is >= 0 and var line)
            {
                if (JobLogLine.TryRead(buffer.AsSpan(used, line), out var item))
                    finished.Add(item);
                else
                    unreadable++;
                used += line + 1;
            }

            if (used == 0 && filled == buffer.Length)
                throw new InvalidConfigurationException($"{path} is no joblog: a line is longer than {BufferBytes / 1024} KiB");
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            (filled, end) = (filled - used, end + used);
        }

        if (unreadable > 0)
            Screen.Say($"{unreadable} {(unreadable == 1 ? "line" : "lines")} of {path} cannot be read: their items count as not run");
        return end;
    }

    private static long EndOfLastLine(FileStream file)
    {
        var tail = new byte[(int)Math.Min(BufferBytes, file.Length)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        var last = tail.AsSpan().LastIndexOf((byte)'\n');
        return last < 0 ? file.Length : file.Length - tail.Length + last + 1;
    }
}
