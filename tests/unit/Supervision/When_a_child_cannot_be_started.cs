using System.ComponentModel;
using Broker.CommandLine;
using Broker.Consumer.Cli;
using Broker.Consumer.Supervision;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Logging.Screen;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Supervision;

public sealed class When_a_child_cannot_be_started : IDisposable
{
    /// <summary>A child that is ready at once and ends when its supervisor says anything.</summary>
    private const string Serves = "printf '\\036{\"ready\":true}\\n'; read order; exit 0";

    private const string Crashes = "printf '\\036{\"ready\":true}\\n'; exit 9";

    private readonly ConsumerLifetime _life = new(NullLogger.Instance);
    private readonly Readiness _readiness = new();
    private readonly ConsoleQueue _console = new(static _ => { });

    public void Dispose() => _life.Dispose();

    [Fact]
    public async Task It_is_tried_again_and_its_siblings_run_on()
    {
        var ready = ReadyAsync();
        var attempts = 0;
        var running = Supervise(2, name => name == "consumer-2" && Interlocked.Increment(ref attempts) == 1
            ? throw new Win32Exception(11, "Resource temporarily unavailable")
            : Shell(Serves));
        await ready.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(2, attempts);
        _life.Stop();
        Assert.Equal(0, await running);
    }

    [Theory]
    [InlineData(ExitCodes.Usage)]
    [InlineData(ExitCodes.BrokerUnavailable)]
    public async Task One_that_is_refused_after_another_was_ready_is_tried_again(int exitCode)
    {
        var ready = ReadyAsync();
        var refusals = 0;
        var third = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Supervise(1, _ => Interlocked.Increment(ref refusals) switch
        {
            1 => Shell(Crashes),
            2 => Shell($"exit {exitCode}"),
            _ => Third(),
        });
        await third.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _life.Stop();
        Assert.Equal((0, true), (await running, ready.IsCompleted));

        ChildProcess Third()
        {
            third.SetResult();
            return Shell(Serves);
        }
    }

    [Fact]
    public async Task Refused_before_any_was_ready_the_supervisor_ends_with_its_exit_code() =>
        Assert.Equal(ExitCodes.BrokerUnavailable, await Supervise(2, _ => Shell("exit 69")).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

    private static ChildProcess Shell(string script) => ChildProcess.Start(["-c", script], new Dictionary<string, string>(), "/bin/sh");

    private Task<int> Supervise(int processes, Func<string, ChildProcess> start) =>
        new Supervisor(new ConsumerSettings { Processes = processes }, start, _life, _readiness, _console, NullLogger.Instance).RunAsync();

    private Task ReadyAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _readiness.Changed += now =>
        {
            if (now)
                ready.TrySetResult();
        };
        return ready.Task;
    }
}
