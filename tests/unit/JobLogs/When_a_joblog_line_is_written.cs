using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Broker.Pool;
using Broker.Producer.Cli.JobLogs;

namespace Broker.Tests.Unit.JobLogs;

public sealed class When_a_joblog_line_is_written
{
    private static readonly ItemHash Hash = new("double");

    [Fact]
    public void It_has_the_columns_of_GNU_parallel() =>
        Assert.Equal($"18\tc1\t1764547200.123\t     2.000\t2\t2\t0\t0\tdouble 21 # {Hash.Of("21"u8):x16}\n", Write(JobLogOutcomes.Of(17, "21")));

    [Fact]
    public void A_failed_item_has_exit_value_1_and_has_received_nothing()
    {
        var columns = Write(JobLogOutcomes.Of(0, "21", failure: "no")).Split('\t');
        Assert.Equal(("1", "0", "1", "0"), (columns[0], columns[5], columns[6], columns[7]));
    }

    [Fact]
    public void The_time_of_a_message_is_divided_among_its_items() => Assert.Equal("     0.500", Write(JobLogOutcomes.Of(0, "21", chunk: 4)).Split('\t')[3]);

    /// <summary>The pattern by which parallel finds the lines of jobs that succeeded.</summary>
    [Theory]
    [InlineData("21", "c1")]
    [InlineData("{\"a\":\t1}", "c1")]
    [InlineData("\"a\\u001b\"", "")]
    [InlineData("[1,\n2]", "two words")]
    [InlineData("\"\u2028\u202e\"", "c\t1")]
    public void Parallel_can_read_it_whatever_the_item_and_the_host_are(string item, string host)
    {
        var line = Write(JobLogOutcomes.Of(4, item, host: host));
        Assert.Matches(new Regex("^5(?:\t[^\t]+){5}\t0\t0\t[^\t\n\u2028\u202e]+\n$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)), line);
        Assert.True(JobLogLine.TryRead(Encoding.UTF8.GetBytes(line.TrimEnd('\n')), out var read));
        Assert.Equal(new JobLogLine(5, Failed: false, Hash.Of(Encoding.UTF8.GetBytes(item))), read);
    }

    [Fact]
    public void A_long_item_is_shortened_at_a_character_and_keeps_its_own_hash()
    {
        var (one, other) = ($"\"{new string('é', 200)}\"", $"\"{new string('é', 201)}\"");
        var (line, otherLine) = (Write(JobLogOutcomes.Of(0, one)), Write(JobLogOutcomes.Of(0, other)));
        Assert.Contains($"\tdouble \"{new string('é', 59)}… # ", line, StringComparison.Ordinal);
        Assert.NotEqual(line[^17..], otherLine[^17..]);
    }

    [Fact]
    public void The_kind_is_part_of_the_hash() => Assert.NotEqual(new ItemHash("double").Of("21"u8), new ItemHash("sleep").Of("21"u8));

    [Fact]
    public void The_hash_is_FNV_1a_of_kind_zero_and_item() =>
        // Of the bytes a, 0, b; files hold it, so it may not change.
        Assert.Equal(unchecked((((((14695981039346656037UL ^ 'a') * 1099511628211) ^ 0) * 1099511628211) ^ 'b') * 1099511628211), new ItemHash("a").Of("b"u8));

    [Theory]
    [InlineData("")]
    [InlineData("Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand")]
    [InlineData("1\t:\t1764547200.123\t     2.000\t0\t0\t0\t0\techo 1")]
    [InlineData("0\tc1\t1764547200.123\t     2.000\t2\t2\t0\t0\tdouble 21 # 00000000000000ff")]
    [InlineData("1\tc1\t1764547200.123\t     2.000\t2\t2\tx\t0\tdouble 21 # 00000000000000ff")]
    [InlineData("1\tc1\t1764547200.123\t     2.000\t2\t2\t0\t0\tdouble 21 # 00000000000000f")]
    [InlineData("1\tc1\t1764547200.123\t     2.000\t2\t2\t0\t0\tdouble 21 # 00000000000000fg")]
    [InlineData("1\tc1\t1764547200.123\t     2.000\t2\t2\t0")]
    public void A_line_that_is_not_one_of_ours_is_told_from_one(string line) => Assert.False(JobLogLine.TryRead(Encoding.UTF8.GetBytes(line), out _));

    [Theory]
    [InlineData("0\t0", false)]
    [InlineData("1\t0", true)]
    [InlineData("0\t9", true)]
    [InlineData("-1\t0", true)]
    public void An_exit_value_or_a_signal_is_a_failure(string columns, bool failed)
    {
        Assert.True(JobLogLine.TryRead(Encoding.UTF8.GetBytes($"3\tc1\t1764547200.123\t     2.000\t2\t2\t{columns}\tdouble 21 # 00000000000000ff"), out var line));
        Assert.Equal(new JobLogLine(3, failed, 255), line);
    }

    private static string Write(ItemOutcome outcome)
    {
        var output = new ArrayBufferWriter<byte>();
        JobLogLine.Write(output, "double", outcome, Hash.Of(outcome.Item.Span));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
