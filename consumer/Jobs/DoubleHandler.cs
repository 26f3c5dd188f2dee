using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Consumer.Jobs;

internal sealed class DoubleHandler : IJobHandler<DoubleNumber, long>
{
    public Task<long> HandleAsync(DoubleNumber args, JobContext job) => Task.FromResult(checked(args.Number * 2));
}
