using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_the_command_line_is_wrong
{
    public static TheoryData<string, string> Producer => new()
    {
        { "mop double 1", "unknown command 'mop'; did you mean map?" },
        { "map double 1 --tiemout 1s", "unknown option '--tiemout'; did you mean --timeout?" },
        { "map double 1 --chunk 0", "--chunk '0' is neither auto nor a number from 1 to 100000" },
        { "map double 1 --chunk many", "--chunk 'many' is neither auto" },
        { "map double 1 -j 0", "--in-flight '0' is not a whole number of at least 1" },
        { "map double 1 --timeout soon", "--timeout 'soon' is not a duration: write 500ms, 25s, 2m or 1h" },
        { "map double 1 --deadline 0s", "--deadline '0s' is not a duration" },
        { "map double 1 --output all", "--output 'all' is not one of value, full" },
        { "map double 1 --log-level loud", "--log-level 'loud' is not one of debug, info, warning, error" },
        { "map double", "no items" },
        { "map double 1 -f items.txt", "give one of them" },
        { "map double -f missing.txt", "missing.txt: there is no such file" },
        { "map double --files missing.txt", "missing.txt: there is no such file" },
        { "map double -f /", "this is a folder" },
        { "map Double 1", "'Double' cannot be a kind" },
        { "map", "producer map: KIND is missing: write producer map KIND [ITEM...]" },
        { "--log-level debug map", "producer map: KIND is missing" },
        { "help mop", "unknown command 'mop'; did you mean map?" },
        { "call double 1 2", "a call has one item, and '2' is a second: put an item with spaces in quotes, or run several with producer map double" },
        { "map double -f missing.txt -f -", "missing.txt: there is no such file" },
        { "map double 1 --binary", "--binary is for the files of --files" },
        { "call double [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] --dry-run", "item 0: JSON nested deeper than 62 levels" },
        { "call double 1 --broker localhost", "is not a URL: write it as amqp://user:password@host:5672/vhost" },
        { "logs --pid one", "--pid 'one' is not a whole number of at least 1" },
        { "logs --since soon", "--since 'soon' is not a time: write 10m (ago), today, yesterday, 15:04, 2026-01-31" },
        { "logs --since 1m --until 2m", "--since is not before --until" },
        { "logs --follow --until 1m", "--follow waits for new lines, and --until wants none" },
        { "logs --level loud", "--level 'loud' is not one of" },
        { "logs --grep (", "--grep '(' is not a regular expression" },
        { "logs --last -1", "--last '-1' is not a whole number of at least 0" },
        { "logs --output full", "--output 'full' is not one of plain, json" },
        { "logs --folder missing", "--folder missing: there is no such folder" },
        { "logs --jib 1", "unknown option '--jib'; did you mean --job?" },
        { "logs", "BROKER__LOGGING__DIRECTORY is none and ELASTICSEARCH_URL is not set" },
        { "call double 1 --broker http://localhost/", "begins with 'http:'" },
    };

    public static TheoryData<string, string> Consumer => new()
    {
        { "--kinds dubble", "there is no handler of kind 'dubble'; did you mean 'double'?" },
        { "--kinds double=0", "--kinds double=0: a kind's concurrency is 1 to 1000" },
        { "--kinds double=two", "--kinds double=two" },
        { "--kinds double,double", "--kinds names a kind twice" },
        { "--kinds Double", "--kinds Double" },
        { "--concurrency 0", "--concurrency '0' is not a whole number of at least 1" },
        { "--concurrency 5000", "--concurrency is 1 to 1000, not 5000" },
        { "--processes 1000", "--processes is 1 to 256, not 1000" },
        { "--shutdown-timeout never", "--shutdown-timeout 'never' is not a duration" },
        { "--health-port 70000", "--health-port '70000' is no port: write 8080" },
        { "--log-format xml", "--log-format 'xml' is not one of plain, json" },
        { "--proceses 2", "unknown option '--proceses'; did you mean --processes?" },
        { "double", "'double'" },
        { "--broker redis://localhost", "begins with 'redis:'" },
    };

    [Theory]
    [MemberData(nameof(Producer))]
    public async Task The_producer_reports_the_error_in_one_line_and_ends_with_64(string arguments, string said) =>
        Says(await Programs.RunWithoutBrokerAsync(Programs.Producer, arguments.Split(' ')), "producer", said);

    [Theory]
    [MemberData(nameof(Consumer))]
    public async Task The_consumer_reports_the_error_in_one_line_and_ends_with_64(string arguments, string said) =>
        Says(await Programs.RunWithoutBrokerAsync(Programs.Consumer, arguments.Split(' ')), "consumer", said);

    private static void Says(ProgramEnd end, string program, string said)
    {
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.StartsWith(program, end.Error, StringComparison.Ordinal);
        Assert.Contains(said, end.Error, StringComparison.Ordinal);
        Assert.Equal(end.Error.Length - 1, end.Error.IndexOf('\n', StringComparison.Ordinal));
    }
}
