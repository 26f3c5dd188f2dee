using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Consumer.Jobs;

internal sealed class SleepHandler : IJobHandler<Sleep, double>
{
    public async Task<double> HandleAsync(Sleep args, JobContext job)
    {
        await Task.Delay(args.Duration, job.CancellationToken);
        return args.Duration.TotalSeconds;
    }
}
