using Broker.Bus;
using Broker.CommandLine;
using Broker.Connection;
using Broker.Contracts;

namespace Broker.Tests.Unit.CommandLine;

[Collection(nameof(Console))]
public sealed class When_a_program_fails
{
    public static TheoryData<Exception, int> Ends => new()
    {
        { new InvalidConfigurationException("wrong"), 64 },
        { new MessageTooLargeException("large"), 64 },
        { new ArgumentException("argument"), 64 },
        { new JobRejectedException("ours"), 64 },
        { new BrokerUnavailableException("away"), 69 },
        { new TimeoutException("late"), 124 },
        { new OperationCanceledException(), 130 },
        { new InvalidOperationException("defect"), 70 },
    };

    [Theory]
    [MemberData(nameof(Ends), DisableDiscoveryEnumeration = true)]
    public void The_error_type_determines_the_exit_code(Exception error, int exitCode) => Assert.Equal(exitCode, Report(error, debug: false).Code);

    [Fact]
    public void The_error_is_one_line_with_the_program_name() =>
        Assert.Equal("producer: first second\n", Report(new InvalidConfigurationException("first\nsecond"), debug: false).Said);

    [Fact]
    public void A_broker_that_is_not_reached_adds_how_to_set_its_address_or_to_start_one()
    {
        const string Advice = "Set BROKER_URL or --broker, or start one with ./broker up\n";
        Assert.Equal($"producer: nothing there? {Advice}", Report(new BrokerUnavailableException("nothing there?") { Unreachable = true }, debug: false).Said);
        Assert.Equal("producer: refused\n", Report(new BrokerUnavailableException("refused") { CanRetry = false }, debug: false).Said);
    }

    [Fact]
    public void A_defect_says_how_to_see_where() =>
        Assert.Equal("producer: unexpected InvalidOperationException: defect (--log-level debug shows where)\n", Report(new InvalidOperationException("defect"), debug: false).Said);

    [Fact]
    public void The_stack_trace_is_shown_only_at_debug()
    {
        Assert.DoesNotContain("InvalidConfigurationException", Report(new InvalidConfigurationException("wrong"), debug: false).Said, StringComparison.Ordinal);
        Assert.Contains("InvalidConfigurationException", Report(new InvalidConfigurationException("wrong"), debug: true).Said, StringComparison.Ordinal);
    }

    private static (int Code, string Said) Report(Exception error, bool debug)
    {
        var before = Console.Error;
        var said = new StringWriter { NewLine = "\n" };
        Console.SetError(said);
        try
        {
            return (ErrorReport.Write(error, "producer", debug), said.ToString());
        }
        finally
        {
            Console.SetError(before);
        }
    }
}
