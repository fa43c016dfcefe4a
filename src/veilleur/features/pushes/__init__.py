"""Pictures that customers' cameras and recorders push: who may push for which camera, and what came."""
