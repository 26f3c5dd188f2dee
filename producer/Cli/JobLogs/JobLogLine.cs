using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Broker.Pool;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>
/// One item's line in a joblog, with the columns of GNU parallel. What parallel has no column for, the hash of the item, ends the command as a comment of the
/// shell: <c>double 21 # 93b1c2f0a4d5e687</c>.
/// </summary>
/// <param name="Seq">The item's index and 1.</param>
/// <param name="Failed">Whether its exit value or signal is not 0.</param>
/// <param name="Hash">Of its kind and JSON.</param>
internal readonly record struct JobLogLine(long Seq, bool Failed, ulong Hash)
{
    public const string Header = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand";

    /// <summary>The longest part of an item that a line shows.</summary>
    public const int ShownBytes = 120;

    /// <summary>Of all columns before the command, without the host.</summary>
    private const int LongestNumbers = 256;

    private const int HashDigits = 16;
    private const int ExitvalColumn = 6;
    private const int SignalColumn = 7;
    private const int CommandColumn = 8;

    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(value => (byte)value)]);

    private static ReadOnlySpan<byte> HashMark => " # "u8;

    /// <summary>Writes an outcome's line, its end included.</summary>
    public static void Write(IBufferWriter<byte> output, string kind, in ItemOutcome outcome, ulong hash)
    {
        var (run, failed) = (outcome.Run, outcome.Failure is not null);
        var seconds = (run.FinishedAt - run.StartedAt).TotalSeconds / Math.Max(run.Items, 1);
        var started = run.StartedAt.ToUnixTimeMilliseconds() / 1000m;
        // No column is empty, or a reader that splits at white space would count wrong.
        var host = run.Worker.Host.Length == 0 ? "?" : SafeText.Of(run.Worker.Host).Replace(' ', '_');
        var line = output.GetSpan(LongestNumbers + (3 * (host.Length + kind.Length)));
        Utf8.TryWrite(
            line,
            CultureInfo.InvariantCulture,
            $"{outcome.Index + 1}\t{host}\t{started:0.000}\t{seconds,10:0.000}\t{outcome.Item.Length}\t{(failed ? 0 : outcome.Value.Length)}\t{(failed ? 1 : 0)}\t0\t{kind} ",
            out var written);
        output.Advance(written);
        WriteShown(output, outcome.Item.Span);
        output.Write(HashMark);
        Utf8.TryWrite(output.GetSpan(HashDigits + 1), CultureInfo.InvariantCulture, $"{hash:x16}\n", out written);
        output.Advance(written);
    }

    /// <summary>Reads a line without its end; false where it is none of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out JobLogLine read)
    {
        read = default;
        var columns = line;
        var (seq, exitval, signal) = (0L, 0L, 0L);
        for (var column = 0; column < CommandColumn; column++)
        {
            var end = columns.IndexOf((byte)'\t');
            if (end < 0)
                return false;
            var text = columns[..end];
            columns = columns[(end + 1)..];
            if ((column == 0 && !TryNumber(text, out seq))
                || (column == ExitvalColumn && !TryNumber(text, out exitval))
                || (column == SignalColumn && !TryNumber(text, out signal)))
            {
                return false;
            }
        }

        if (seq < 1 || columns.Length < HashMark.Length + HashDigits || !columns[..^HashDigits].EndsWith(HashMark))
            return false;
        if (!Utf8Parser.TryParse(columns[^HashDigits..], out ulong hash, out var digits, 'x') || digits != HashDigits)
            return false;
        read = new JobLogLine(seq, exitval != 0 || signal != 0, hash);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out long number) => Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;

    private static void WriteShown(IBufferWriter<byte> output, ReadOnlySpan<byte> item)
    {
        var shown = item[..Math.Min(item.Length, ShownBytes)];
        // Not through the middle of a character.
        while (shown.Length < item.Length && shown.Length > 0 && (item[shown.Length] & 0xc0) == 0x80)
            shown = shown[..^1];
        if (shown.ContainsAnyExcept(Plain))
            output.Write(Encoding.UTF8.GetBytes(SafeText.Of(Encoding.UTF8.GetString(shown))));
        else
            output.Write(shown);
        if (shown.Length < item.Length)
            output.Write("…"u8);
    }
}
