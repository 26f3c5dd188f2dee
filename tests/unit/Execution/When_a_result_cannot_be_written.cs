using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Execution;

/// <summary>The handler has returned, so another attempt would only do its work again.</summary>
public sealed class When_a_result_cannot_be_written
{
    private readonly List<string> _unfit = [];

    [Fact]
    public async Task A_result_that_contains_itself_fails_its_item_for_good()
    {
        var failure = await FailAsync<Ring>();
        Assert.Equal((FailureTypes.BadResult, false), (failure.Type, failure.Retryable));
    }

    [Fact]
    public async Task A_result_that_raises_any_exception_when_it_is_read_fails_its_item_for_good()
    {
        var failure = await FailAsync<Shard>();
        Assert.Equal((FailureTypes.BadResult, false), (failure.Type, failure.Retryable));
        Assert.Contains("there is only a part", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_want_of_memory_the_item_is_run_again_and_the_process_goes_on_if_that_was_passing()
    {
        foreach (var failure in new[] { await FailAsync<Heavy>(), await FailAsync<Ring>("{\"weight\":1}") })
            Assert.Equal((typeof(OutOfMemoryException).FullName, true), (failure.Type, failure.Retryable));
        Assert.Empty(_unfit);
    }

    private async Task<ItemFailure> FailAsync<T>(string item = "{}")
        where T : new()
    {
        await using var services = new ServiceCollection().AddScoped<Maker<T>>().BuildServiceProvider();
        var runner = KindRunner.Create(typeof(Maker<T>), typeof(IJobHandler<Make<T>, T>), services.GetRequiredService<IServiceScopeFactory>(), PayloadJson.Options);
        var execution = new JobExecution(new HostedKind(runner, 1), new ProcessIdentity("h", 1, "n"), NullLogger.Instance, _unfit.Add);
        var job = SomeJob.Of(Make<T>.Kind, index: 0);
        using var running = new RunningJobs().Enter(job, 1, CancellationToken.None);
        var outcomes = new List<JobCompleted>();
        await execution.RunAsync(job, [System.Text.Encoding.UTF8.GetBytes(item)], running, completed =>
        {
            outcomes.Add(completed);
            return Task.CompletedTask;
        });
        return Assert.Single(Assert.Single(outcomes).Failures!);
    }

    private static long[] TooLarge() => new long[int.MaxValue];

    internal sealed class Ring
    {
        public Ring Next => this;
    }

    internal sealed class Shard
    {
        public string Whole => Rest ?? throw new KeyNotFoundException("there is only a part");

        private string? Rest { get; }
    }

    internal sealed class Heavy
    {
        public int Weight => Known ?? TooLarge().Length;

        private int? Known { get; }
    }

    internal sealed record Make<T> : IJob<T>
    {
        public static string Kind => "make";

        public int Weight
        {
            get;
            init => field = value == 0 ? value : TooLarge().Length;
        }
    }

    private sealed class Maker<T> : IJobHandler<Make<T>, T>
        where T : new()
    {
        public Task<T> HandleAsync(Make<T> args, JobContext job) => Task.FromResult(new T());
    }
}
