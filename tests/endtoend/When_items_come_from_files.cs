using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_items_come_from_files : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dry_run_shows_the_items_and_needs_no_broker()
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "double", "5", "[1,2]", "{\"number\":3}", "some words", "--dry-run");
        Assert.Equal(("5\n[1,2]\n{\"number\":3}\n\"some words\"\n", 0), (end.Output, end.ExitCode));
        Assert.Equal("producer: 4 items, 30 bytes from the command line; nothing was sent\n", end.Error);
    }

    [Theory]
    [InlineData("1\n2\n3\n", "1\n2\n3\n")]
    [InlineData("1\r\n2\r\n", "1\n2\n")]
    [InlineData("1\n2", "1\n2\n")]
    [InlineData("\n\n1\n\n2\n\n", "1\n2\n")]
    [InlineData("one two\n\"three\"\n", "\"one two\"\n\"three\"\n")]
    [InlineData("{\"number\":\n[1,\n", "\"{\\\"number\\\":\"\n\"[1,\"\n")]
    public async Task Each_line_is_an_item_JSON_or_text(string content, string items)
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "double", "-f", _folder.Write("items", content), "--dry-run");
        Assert.Equal((items, 0), (end.Output, end.ExitCode));
    }

    [Theory]
    [InlineData("-f", "items: line 1: not UTF-8: byte 0xff at offset 1")]
    [InlineData("--files", "items: not UTF-8: byte 0xff at offset 1 (--binary sends any bytes, as base64)")]
    public async Task Bytes_that_are_not_utf8_are_refused(string option, string said)
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "word-count", option, _folder.Write("items", [0x61, 0xff, 0x62, 0x0a]), "--dry-run");
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.EndsWith($"{said}\n", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binary_files_are_items_in_base64()
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "word-count", "--binary", "--dry-run", "--files", _folder.Write("items", [0x61, 0xff, 0x62, 0x0a]));
        Assert.Equal(("\"Yf9iCg==\"\n", 0), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task Several_files_of_lines_are_read_one_after_another()
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "double", "--dry-run", "-f", _folder.Write("one", "1\n2"), "-f", _folder.Write("two", "3\n"));
        Assert.Equal(("1\n2\n3\n", 0), (end.Output, end.ExitCode));
    }

    [Theory]
    [InlineData("-f", "1\n2\n3\n")]
    [InlineData("--files", "\"1\\n2\\n3\\n\"\n")]
    public async Task A_named_pipe_is_opened_once(string option, string items)
    {
        var pipe = Path.Combine(_folder.Path, "pipe");
        // The writer ends with its first reader; a second one would wait for ever.
        var script = $"mkfifo '{pipe}'; seq 3 > '{pipe}' & '{Programs.Producer}' map double {option} '{pipe}' --dry-run";
        await using var shell = RunningProgram.Start("/bin/bash", ["-c", script]);
        var end = await shell.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((items, 0), (end.Output, end.ExitCode));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_pipe_that_nobody_writes_to_does_not_hold_a_signal(string signal)
    {
        var pipe = Path.Combine(_folder.Path, "pipe");
        await using (var made = RunningProgram.Start("/bin/sh", ["-c", $"mkfifo '{pipe}'"]))
            await made.EndAsync();
        await using var producer = Programs.StartProducer(["map", "double", "-f", pipe, "--log-level", "info"]);
        await producer.WaitForErrorAsync("connected to");
        producer.Signal(signal);
        Assert.Equal(130, (await producer.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
    }

    [Fact]
    public async Task Whole_files_are_items_with_their_unchanged_text()
    {
        var words = _folder.Write("words", "to be\nor not\n");
        var numbers = _folder.Write("numbers", "[1,2]");
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "word-count", "--dry-run", "--files", words, numbers);
        Assert.Equal(("\"to be\\nor not\\n\"\n\"[1,2]\"\n", 0), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task A_dash_reads_standard_input()
    {
        await using var producer = Programs.StartProducer(["map", "double", "-f", "-", "--dry-run"], Programs.NoBroker, keepInput: true);
        await producer.Input.WriteAsync("7\n8\n");
        producer.Input.Close();
        var end = await producer.EndAsync();
        Assert.Equal(("7\n8\n", 0), (end.Output, end.ExitCode));
        Assert.Equal("producer: 2 items, 2 bytes from standard input; nothing was sent\n", end.Error);
    }

    [Fact]
    public async Task A_line_of_twenty_megabytes_is_refused_with_its_number()
    {
        var file = _folder.Write("items", "1\n" + new string('x', 20 * 1024 * 1024) + "\n");
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "word-count", "-f", file, "--dry-run");
        Assert.Equal(64, end.ExitCode);
        Assert.Contains("line 2 is longer than the 8 MiB", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_gives_no_results_and_says_so()
    {
        TestBroker.Require();
        var end = await Programs.RunProducerAsync("map", "double", "-f", _folder.Write("items", ""));
        Assert.Equal(("", 0), (end.Output, end.ExitCode));
        Assert.Contains("nothing to do", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_oversize_line_keeps_the_results_before_it()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { BuiltIn = ["double"] });
        var file = _folder.Write("items", "1\n2\n" + new string('x', 9 * 1024 * 1024) + "\n4\n");
        var end = await Programs.RunProducerAsync("map", "double", "-f", file);
        Assert.Equal(("2\n4\n", 64), (end.Output, end.ExitCode));
        Assert.Contains("line 3 is longer than the 8 MiB", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_twenty_megabytes_is_refused_before_it_is_sent()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { BuiltIn = ["word-count"] });
        var end = await Programs.RunProducerAsync("map", "word-count", "--files", _folder.Write("large", new string('x', 20 * 1024 * 1024)));
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.Contains("large has 20.0 MiB and the largest message is 8 MiB", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_are_counted_as_wc_counts_them()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { BuiltIn = ["word-count"] });
        var end = await Programs.RunProducerAsync("map", "word-count", "--files", _folder.Write("text", "To be, or not\nto be?\n"));
        Assert.Equal("{\"lines\":2,\"words\":6,\"characters\":21,\"commonest\":[{\"word\":\"be\",\"count\":2},{\"word\":\"to\",\"count\":2},{\"word\":\"not\",\"count\":1},{\"word\":\"or\",\"count\":1}]}\n", end.Output);
    }
}
